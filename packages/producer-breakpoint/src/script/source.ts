import { setTimeout as delay } from 'node:timers/promises';
import { type Arming, ExtensionEventError, type Subject } from '@extension-events/core';
import type { ThreadSessions, V8Host, V8Thread } from '@extension-events/platform-v8';
import { type Capture, parseCaptures } from '../captures.ts';
import { parseLocation } from '../location.ts';
import type { BreakpointHitPayload } from '../types.ts';
import type { RawHit } from './helper.ts';
import { writePayload } from './payload.ts';
import { Places, requireScriptLocation, type ScriptLocation } from './places.ts';
import { isDependency, type Script } from './scripts.ts';
import type { PlaceListener, ScriptPlace, Spot } from './spot.ts';
import { ThreadBreakpoints } from './thread.ts';

/** What `breakpoint.hit` is armed with. */
export interface HitRequest {
  readonly location: string;
  readonly captures?: string;
  readonly stackDepth: number;
  readonly method: string;
  readonly maxHitsPerSecond: number;
}

/** An arming of `breakpoint.hit`. */
export type HitArming = Pick<Arming<BreakpointHitPayload, HitRequest>, 'armId' | 'subject' | 'request' | 'post'>; // prettier-ignore

/** One arming: what it means, and its place in each thread. */
interface Armed {
  readonly arming: HitArming;
  readonly location: ScriptLocation;
  readonly captures: readonly Capture[];
  readonly threads: Map<V8Thread, ArmedThread>;
}

/** One arming in one thread. */
interface ArmedThread extends PlaceListener {
  readonly spots: Set<Spot>;
  hits: number;
}

// A thread inside a blocking call answers when that is over; nobody waits for it.
const patienceMs = 1000;
const maxPlaces = 16;

/** The breakpoints of all JavaScript threads of the process, set while somebody listens. */
export class ScriptSource implements Disposable {
  readonly #host: V8Host;
  readonly #sessions: ThreadSessions;
  readonly #places: Places = new Places();
  readonly #armed: Map<number, Armed> = new Map();
  readonly #threads: Map<V8Thread, Promise<ThreadBreakpoints>> = new Map();
  readonly #following: Disposable;

  constructor(host: V8Host, sessions: ThreadSessions) {
    this.#host = host;
    this.#sessions = sessions;
    this.#following = host.onThreads(({ added, removed }) => {
      for (const thread of removed) this.#forget(thread);
      for (const thread of added) for (const armed of this.#armed.values()) void this.#join(armed, thread).catch(() => undefined); // prettier-ignore
    });
  }

  /**
   * Sets the breakpoints of an arming. A location that no script has yet is waited for.
   *
   * @throws ExtensionEventError `EE_BREAKPOINT_LOCATION`, `EE_BREAKPOINT_CAPTURE`,
   * `EE_BREAKPOINT_NO_THREAD`, `EE_BREAKPOINT_AMBIGUOUS`
   */
  async arm(arming: HitArming): Promise<void> {
    const { request, subject } = arming;
    if (this.#armed.has(arming.armId)) return;
    const location = requireScriptLocation(parseLocation(request.location), request.location);
    const armed = { arming, location, captures: parseCaptures(request.captures), threads: new Map() }; // prettier-ignore
    const threads = this.#host.threads.filter((thread) => isAbout(thread, subject));
    if (subject !== undefined && threads.length === 0) throw noThread(subject.tid);
    this.#armed.set(arming.armId, armed);
    try {
      const joined = Promise.all(threads.map((thread) => this.#join(armed, thread)));
      await Promise.race([joined, delay(patienceMs, undefined, { ref: false })]);
    } catch (error) {
      this.disarm(arming);
      throw error;
    }
  }

  disarm({ armId }: Pick<HitArming, 'armId'>): void {
    const armed = this.#armed.get(armId);
    if (armed === undefined) return;
    this.#armed.delete(armId);
    for (const [thread, own] of armed.threads) void this.#leave(thread, own);
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]();
    this.#armed.clear();
    for (const thread of this.#threads.keys()) void this.#close(thread);
    this.#sessions[Symbol.dispose]();
  }

  async #join(armed: Armed, thread: V8Thread): Promise<void> {
    if (!isAbout(thread, armed.arming.subject) || armed.threads.has(thread)) return;
    const own = this.#listenerOf(armed, thread);
    armed.threads.set(thread, own);
    try {
      const breakpoints = await this.#open(thread);
      await this.#placeAll(armed, own, breakpoints);
    } catch (error) {
      armed.threads.delete(thread);
      // A thread that ended meanwhile passes nothing any more.
      if (!thread.session.isClosed && (error as { code?: string }).code !== 'EE_V8_CLOSED') throw error; // prettier-ignore
    }
  }

  #listenerOf({ arming, captures }: Armed, thread: V8Thread): ArmedThread {
    const { location, maxHitsPerSecond, stackDepth } = arming.request;
    const opened = (): readonly Script[] => this.#scriptsOf(thread);
    const own: ArmedThread = {
      spots: new Set(),
      hits: 0,
      stackDepth,
      maxHitsPerSecond,
      hit: (spot: Spot, hit: RawHit, printed: ReadonlyMap<string, string>, note?: string) => {
        own.hits++;
        const values = captures.length === 0 ? undefined : Object.fromEntries(captures.map(({ text }) => [text, printed.get(text) ?? ''])); // prettier-ignore
        const payload = writePayload(spot, hit, { places: this.#places, scripts: opened(), location, hits: own.hits, stackDepth, values, note }); // prettier-ignore
        arming.post(payload, thread.subject, hit.timestampNs);
      },
    };
    return own;
  }

  readonly #opened: Map<V8Thread, ThreadBreakpoints> = new Map();

  #scriptsOf(thread: V8Thread): readonly Script[] {
    return this.#opened.get(thread)?.scripts ?? [];
  }

  #open(thread: V8Thread): Promise<ThreadBreakpoints> {
    const present = this.#threads.get(thread);
    if (present !== undefined) return present;
    const opening = this.#sessions
      .open(thread)
      .then((session) => ThreadBreakpoints.open(thread, session, (script) => void this.#onScript(thread, script))); // prettier-ignore
    this.#threads.set(thread, opening);
    opening.then(
      (opened) => this.#opened.set(thread, opened),
      () => this.#threads.delete(thread),
    );
    return opening;
  }

  async #placeAll(armed: Armed, own: ArmedThread, thread: ThreadBreakpoints): Promise<void> {
    const program: ScriptPlace[] = [];
    const dependencies: ScriptPlace[] = [];
    for (const script of thread.scripts) {
      const found = await this.#places.find(thread, script, armed.location);
      (isDependency(script) ? dependencies : program).push(...found);
    }
    const places = program.length > 0 ? program : dependencies;
    if (places.length > maxPlaces) throw ambiguous(armed.arming.request.location, places.length);
    for (const place of places) await this.#place(armed, own, thread, place);
  }

  // A script that comes later: its first lines may have run before the breakpoint is there.
  async #onScript(thread: V8Thread, script: Script): Promise<void> {
    const opened = this.#opened.get(thread);
    if (opened === undefined) return;
    for (const armed of this.#armed.values()) {
      const own = armed.threads.get(thread);
      if (own === undefined || (isDependency(script) && own.spots.size > 0)) continue;
      const places = await this.#places.find(opened, script, armed.location).catch(() => []);
      for (const place of places) if (own.spots.size < maxPlaces) await this.#place(armed, own, opened, place); // prettier-ignore
    }
  }

  async #place(armed: Armed, own: ArmedThread, thread: ThreadBreakpoints, place: ScriptPlace): Promise<void> {
    if (!this.#armed.has(armed.arming.armId)) return;
    const spot = await thread.place(place, armed.captures, own);
    if (spot === undefined || own.spots.has(spot)) return;
    // Two asked places may slide to one: a pass is to be told once.
    const isTwin = [...own.spots].some(({ actual }) => actual.scriptId === spot.actual.scriptId && actual.lineNumber === spot.actual.lineNumber && actual.columnNumber === spot.actual.columnNumber); // prettier-ignore
    const isOver = !this.#armed.has(armed.arming.armId);
    if (isTwin || isOver) await thread.leave(spot, own);
    else own.spots.add(spot);
    if (isOver) this.#closeIfEmpty(thread);
  } // prettier-ignore

  async #leave(thread: V8Thread, own: ArmedThread): Promise<void> {
    const opened = await this.#threads.get(thread)?.catch(() => undefined);
    if (opened === undefined) return;
    for (const spot of own.spots) await opened.leave(spot, own);
    this.#closeIfEmpty(opened);
  }

  #closeIfEmpty(opened: ThreadBreakpoints): void {
    const { thread } = opened;
    const isWanted = [...this.#armed.values()].some((armed) => armed.threads.has(thread));
    if (!isWanted && this.#threads.has(thread)) void this.#close(thread);
  }

  async #close(thread: V8Thread): Promise<void> {
    const opening = this.#threads.get(thread);
    this.#threads.delete(thread);
    this.#opened.delete(thread);
    const closed = opening?.then((opened) => opened.close()).catch(() => undefined);
    // A thread that ended before it could be reached never answers.
    await Promise.race([closed, delay(patienceMs, undefined, { ref: false })]);
    if (this.#threads.size === 0) this.#sessions[Symbol.dispose]();
  }

  #forget(thread: V8Thread): void {
    for (const armed of this.#armed.values()) armed.threads.delete(thread);
    if (this.#threads.has(thread)) void this.#close(thread);
  }
}

function isAbout(thread: V8Thread, subject: Subject | undefined): boolean {
  return (
    subject === undefined ||
    (thread.subject.tid === subject.tid && thread.subject.threadId === subject.threadId)
  );
}

function noThread(tid: number): ExtensionEventError {
  return new ExtensionEventError(
    'EE_BREAKPOINT_NO_THREAD',
    `Thread ${tid} is not a JavaScript thread of this process.`,
    'Listen without a thread to watch all of them, or choose one that extev ls shows.',
  );
}

function ambiguous(location: string, places: number): ExtensionEventError {
  return new ExtensionEventError(
    'EE_BREAKPOINT_AMBIGUOUS',
    `${location} means ${places} places; a breakpoint takes ${maxPlaces}.`,
    'Write more of the path, or Class.method instead of method.',
  );
}
