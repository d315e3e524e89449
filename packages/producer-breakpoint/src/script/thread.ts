import { evaluateSnippet } from '@extension-events/platform-v8';
import type { CdpSession, V8Thread } from '@extension-events/platform-v8';
import type { Capture } from '../captures.ts';
import { bindingName, conditionOf, installHelper, type RawHit, readHit, removeHelper } from './helper.ts'; // prettier-ignore
import { type Script, Scripts } from './scripts.ts';
import { type PlaceListener, type ScriptPlace, Spot } from './spot.ts';

/**
 * The breakpoints of one thread. None ever pauses it: their conditions tell the agent and are
 * false, and this session skips all pauses, so that not even a `debugger;` stops the thread on our
 * account.
 */
export class ThreadBreakpoints {
  readonly thread: V8Thread;
  readonly #session: CdpSession;
  readonly #spots: Map<number, Spot> = new Map();
  readonly #listening: Disposable[] = [];
  #scripts: Scripts | undefined;
  #nextSpot = 1;
  /** Changes of breakpoints take turns. */
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  private constructor(thread: V8Thread, session: CdpSession) {
    this.thread = thread;
    this.#session = session;
  }

  /**
   * Switches the thread's Debugger domain on and brings the helper in.
   *
   * @param parsed - called for each script that comes later
   */
  static async open(
    thread: V8Thread,
    session: CdpSession,
    parsed: (script: Script) => void,
  ): Promise<ThreadBreakpoints> {
    const opened = new ThreadBreakpoints(thread, session);
    await opened.#open(parsed);
    return opened;
  }

  async #open(parsed: (script: Script) => void): Promise<void> {
    const session = this.#session;
    let contextId = 0;
    using _ = session.on('Runtime.executionContextCreated', ({ context }) => {
      const { isDefault = true } = (context.auxData ?? {}) as { isDefault?: boolean };
      if (isDefault && contextId === 0) contextId = context.id;
    });
    await session.post('Runtime.enable');
    await session.post('Runtime.disable'); // else each console.log would be told
    this.#listening.push(
      session.on('Runtime.bindingCalled', ({ name, payload }) => {
        if (name === bindingName) this.#receive(readHit(payload));
      }),
    );
    // Of one context: with none named, every context made by node:vm would get the binding too.
    await session.post('Runtime.addBinding', { name: bindingName, executionContextId: contextId });
    // What is evaluated goes through the agent's session, whose commands come one at a time: a step of
    // its debugger must never be prepared in the middle of a snippet.
    await evaluateSnippet(this.thread.session, 'breakpoint-helper', installHelper);
    let isKnown = false;
    this.#scripts = new Scripts(session, contextId, (script) => {
      if (isKnown) parsed(script);
    });
    this.#listening.push(this.#scripts);
    await session.post('Debugger.setSkipAllPauses', { skip: true });
    // V8 compiles the condition anew at each hit, as a script of its own. Without a limit the debugger would
    // keep the texts of all of them.
    await session.post('Debugger.enable', { maxScriptsCacheSize: 0 }); // announces all scripts before it answers
    isKnown = true;
  }

  get scripts(): readonly Script[] {
    return this.#scripts?.all ?? [];
  }

  get isClosed(): boolean {
    return this.#isClosed || this.#session.isClosed;
  }

  /** Asks this thread's inspector about its scripts. */
  get session(): Pick<CdpSession, 'post'> {
    return this.#session;
  }

  /** Sets a breakpoint at the place or shares the one that is there; `undefined`: V8 finds no code there. */
  place(at: ScriptPlace, captures: readonly Capture[], listener: PlaceListener): Promise<Spot | undefined> {
    return this.#inTurn(async () => {
      const present = [...this.#spots.values()].find((spot) => spot.isAt(at));
      if (present === undefined) return this.#make(at, captures, listener);
      present.listeners.add(listener);
      if (!present.wants(captures, listener.stackDepth)) await this.#replace(present);
      return present;
    });
  } // prettier-ignore

  async #make(at: ScriptPlace, captures: readonly Capture[], listener: PlaceListener): Promise<Spot | undefined> {
    const spot = new Spot(this.#nextSpot++, at, {
      set: () => void this.#inTurn(() => this.#set(spot)),
      remove: () => void this.#inTurn(() => this.#unset(spot)),
    });
    spot.wants(captures, listener.stackDepth);
    spot.listeners.add(listener);
    this.#spots.set(spot.id, spot);
    await this.#set(spot);
    if (spot.breakpointId !== undefined) return spot;
    this.#spots.delete(spot.id);
    return undefined;
  } // prettier-ignore

  async #set(spot: Spot): Promise<void> {
    if (spot.breakpointId !== undefined || spot.listeners.size === 0 || this.isClosed) return;
    const { scriptId, lineNumber, columnNumber } = spot.at;
    const set = await this.#session
      .post('Debugger.setBreakpoint', {
        location: { scriptId, lineNumber, columnNumber },
        condition: conditionOf(spot.id, Math.max(1, spot.stackDepth), spot.captures),
      })
      .catch(() => undefined);
    if (set === undefined) return;
    spot.breakpointId = set.breakpointId;
    const { actualLocation: actual } = set;
    spot.actual = { scriptId, lineNumber: actual.lineNumber, columnNumber: actual.columnNumber ?? 0 }; // prettier-ignore
  }

  async #unset(spot: Spot): Promise<void> {
    const { breakpointId } = spot;
    if (breakpointId === undefined) return;
    spot.breakpointId = undefined;
    await this.#session.post('Debugger.removeBreakpoint', { breakpointId }).catch(() => undefined);
  }

  // Both commands are sent before either is answered: V8 serves them at one interrupt.
  async #replace(spot: Spot): Promise<void> {
    const removed = this.#unset(spot);
    const set = this.#set(spot);
    await removed;
    await set;
  }

  /** A listener leaves; the last takes the breakpoint with it. */
  leave(spot: Spot, listener: PlaceListener): Promise<void> {
    spot.listeners.delete(listener);
    return this.#inTurn(async () => {
      if (spot.listeners.size > 0 || !this.#spots.delete(spot.id)) return;
      spot.rest.end();
      await this.#unset(spot);
    });
  }

  get isEmpty(): boolean {
    return this.#spots.size === 0;
  }

  /** Switches the domain off again and takes the helper out. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      for (const spot of this.#spots.values()) spot.rest.end();
      this.#spots.clear();
      for (const listening of this.#listening) listening[Symbol.dispose]();
      if (!this.#session.isClosed) await this.#session.post('Debugger.disable').catch(quietly);
      if (!this.#session.isClosed) await this.#session.post('Runtime.removeBinding', { name: bindingName }).catch(quietly); // prettier-ignore
      if (!this.thread.session.isClosed) await evaluateSnippet(this.thread.session, 'breakpoint-helper', removeHelper).catch(quietly); // prettier-ignore
    });
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #receive(hit: RawHit | undefined): void {
    const spot = hit === undefined ? undefined : this.#spots.get(hit.spot);
    if (hit === undefined || spot === undefined) return;
    spot.hit(hit);
  }
}

function quietly(): void {
  // the thread has ended, and with it what was to be undone
}
