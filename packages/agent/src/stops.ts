import { setImmediate } from 'node:timers/promises';
import { ExtensionEventError, type Subject } from '@extension-events/core';
import type { DebugFrame, DebugMethod, ScriptPosition, StopCause } from '@extension-events/protocol'; // prettier-ignore
import { checkDebugGrants, type Consumer } from '@extension-events/protocol/server';
import { hasForeignInspector } from './foreign-inspector.ts';
import type { Caught } from './landing.ts';
import type { Listens } from './listens.ts';
import type { ThreadTable } from './thread-table.ts';
import { type Stop, ThreadDebugger } from './thread-debugger.ts';
import type { TracedThread } from './traced-thread.ts';
import { UserCode } from './user-code.ts';

const watchMs = 500;

/** The process's one table of stops: a debugger per thread, shared by all consumers that may stop. */
export class Stops {
  readonly #threads: ThreadTable;
  readonly #listens: Listens;
  readonly #fault: (error: unknown) => void;
  readonly #userCode: UserCode = new UserCode();
  readonly #debuggers: Map<TracedThread, ThreadDebugger> = new Map();
  readonly #standingListeners: Set<(thread: TracedThread, stands: boolean) => void> = new Set();
  readonly #heldListeners: Set<(thread: TracedThread) => void> = new Set();
  readonly #consumers: Set<Consumer> = new Set();
  #watchdog: NodeJS.Timeout | undefined;

  constructor(threads: ThreadTable, listens: Listens, fault: (error: unknown) => void) {
    this.#threads = threads;
    this.#listens = listens;
    this.#fault = fault;
  }

  /** Directory of the package that the process's entry script belongs to. */
  setRoot(root: string): void {
    this.#userCode.setRoot(root);
  }

  /** The Debugger domain is on from the first consumer with the grant `stop` to the last. */
  async enter(consumer: Consumer): Promise<void> {
    this.#consumers.add(consumer);
    await Promise.all(this.#threads.reachable.map((thread) => this.addThread(thread)));
    this.#watchdog ??= setInterval(() => {
      for (const debug of this.#debuggers.values()) void debug.watch();
    }, watchMs).unref();
  }

  /** A connection closed: what it held runs on. */
  async exit(consumer: Consumer): Promise<void> {
    if (!this.#consumers.delete(consumer)) return;
    const debuggers = [...this.#debuggers.values()];
    await Promise.all(debuggers.map((debug) => debug.forget(consumer)));
    if (this.#consumers.size > 0) return;
    clearInterval(this.#watchdog);
    this.#watchdog = undefined;
    this.#debuggers.clear();
    await Promise.all(debuggers.map((debug) => debug.disable()));
  }

  async addThread(thread: TracedThread): Promise<void> {
    const { session } = thread;
    if (this.#consumers.size === 0 || session === undefined || this.#debuggers.has(thread)) return;
    const debug = new ThreadDebugger(thread, session, this.#userCode, {
      held: (held) => this.#tellHeld(held),
      stands: ({ thread: standing }, stands) => {
        for (const listener of this.#standingListeners) listener(standing, stands);
      },
      resumed: (resumed, by, released) => this.#tellResumed(resumed, by, released),
      holdersOf: (catchIds) => this.#holdersOf(catchIds),
      hasForeignClient: () => hasForeignInspector(this.#threads.main),
      failed: (error) => this.#fault(error),
    });
    this.#debuggers.set(thread, debug);
    await debug.enable();
    await debug.armSentinel(this.#listens.hasCatches);
  }

  removeThread(thread: TracedThread): void {
    const debug = this.#debuggers.get(thread);
    this.#debuggers.delete(thread);
    if (debug?.isHeld === true) this.#tellResumed(debug, 'foreign', [...debug.holders]);
  }

  /** Puts the breakpoint on each thread's sentinel while there are catchpoints. */
  async armSentinels(): Promise<void> {
    const wanted = this.#listens.hasCatches;
    await Promise.all([...this.#debuggers.values()].map((debug) => debug.armSentinel(wanted)));
  }

  /** Told whenever V8 pauses a thread or lets it run, also on the way to a stop. */
  onStanding(listener: (thread: TracedThread, stands: boolean) => void): Disposable {
    this.#standingListeners.add(listener);
    return { [Symbol.dispose]: () => void this.#standingListeners.delete(listener) };
  }

  /** Told whenever a debugger takes or releases a thread. */
  onHeld(listener: (thread: TracedThread) => void): Disposable {
    this.#heldListeners.add(listener);
    return { [Symbol.dispose]: () => void this.#heldListeners.delete(listener) };
  }

  /**
   * An event from beside its subject wants it stopped: at the place in a script that it names, else
   * at once, wherever the thread is.
   */
  async stopForEvent({ threadId }: Subject, caught: Caught): Promise<void> {
    const thread = this.#threads.reachable.find(
      (other) => other.subject.threadId === threadId && !other.isAgent,
    );
    const debug = thread === undefined ? undefined : this.#debuggers.get(thread);
    if (debug === undefined) return;
    const { scriptId, scriptLine, scriptColumn, function: functionName } = caught.payload;
    if (scriptLine === undefined) return debug.stopHere(caught);
    // Columns and lines of events count from 1, V8's from 0.
    const place: ScriptPosition = {
      scriptId: String(scriptId ?? ''),
      lineNumber: Math.max(0, Number(scriptLine ?? 1) - 1),
      columnNumber: Math.max(0, Number(scriptColumn ?? 1) - 1),
    };
    await debug.stopAt(
      caught,
      place,
      functionName === '(anonymous)' ? '' : String(functionName ?? ''),
    );
  }

  #holdersOf(catchIds: readonly number[]): Consumer[] {
    const listens = catchIds.flatMap((id) => this.#listens.book.get(id) ?? []);
    for (const listen of listens) {
      if (listen.catch?.temporary === true)
        void this.#listens.close(listen).then(() => this.armSentinels());
    }
    const consumers = new Set(listens.map((listen) => listen.consumer));
    // One that has just left is not to hold anything any more.
    return [...consumers].filter((consumer) => this.#consumers.has(consumer));
  }

  #tellHeld(debug: ThreadDebugger): void {
    const { stop, thread } = debug;
    if (stop === undefined) return;
    for (const listener of this.#heldListeners) listener(thread);
    const { frames, landed, notes } = stop;
    for (const consumer of this.#consumers) {
      const holders = [...debug.holders]
        .filter((holder) => holder !== consumer)
        .map((holder) => holder.name);
      const cause = this.#causeFor(consumer, stop);
      const isHolder = debug.holders.has(consumer) || cause.type === 'foreign';
      const seen: StopCause = isHolder || cause.type !== 'step' ? cause : { type: 'step' };
      consumer.send({ kind: 'stop', thread: thread.key, cause: seen, notes, holders, frames: isHolder ? frames : [], ...(landed === undefined ? {} : { landed }) }); // prettier-ignore
    }
  }

  // Each is told of the event that it caught, the first of several, with all its own catchpoints.
  #causeFor(consumer: Consumer, { cause, others }: Stop): StopCause {
    if (cause.type !== 'event') return cause;
    const causes = [cause, ...others].filter((each) => each.type === 'event');
    const own = causes.map((each) => ({ ...each, listens: each.listens.flatMap((id) => this.#numberFor(consumer, id)) })); // prettier-ignore
    const first = own.find(({ listens }) => listens.length > 0) ?? own[0] ?? cause;
    return { ...first, listens: own.flatMap(({ listens }) => listens) };
  }

  // The agent's numbers become the consumer's own; temporary catchpoints may be gone from the table.
  #numberFor(consumer: Consumer, id: number): number[] {
    const listen = this.#listens.book.get(id) ?? this.#listens.book.recall(id);
    return listen !== undefined && listen.consumer === consumer ? [listen.number] : [];
  }

  #tellResumed(
    debug: ThreadDebugger,
    by: 'continue' | 'foreign' | 'watchdog',
    released: readonly Consumer[],
  ): void {
    for (const listener of this.#heldListeners) listener(debug.thread);
    const told = by === 'continue' ? this.#consumers : new Set([...this.#consumers, ...released]);
    for (const consumer of told)
      consumer.send({ kind: 'stop', thread: debug.thread.key, resumedBy: by });
  }

  /**
   * Serves one `debug` frame.
   *
   * @throws ExtensionEventError `EE_DEBUG_METHOD`, `EE_GRANT_NEEDED`, `EE_THREAD_UNKNOWN`, and what the thread says
   */
  async serve(
    consumer: Consumer,
    { method = '', params = {}, thread: key }: DebugFrame,
  ): Promise<unknown> {
    checkDebugGrants(consumer, method, params);
    if (method === 'set-skip') {
      this.#userCode.skip((params['patterns'] as string[] | undefined) ?? []);
      return {};
    }
    const thread = this.#threads.byKey(key);
    const debug = thread === undefined ? undefined : this.#debuggers.get(thread);
    if (debug === undefined) throw new ExtensionEventError('EE_THREAD_UNKNOWN', `There is no running thread with key ${String(key)}.`, 'Ask for the threads again: it may have ended.'); // prettier-ignore
    return this.#perform(debug, consumer, method as DebugMethod, params as never);
  }

  async #perform(
    debug: ThreadDebugger,
    consumer: Consumer,
    method: DebugMethod,
    params: never,
  ): Promise<unknown> {
    switch (method) {
      case 'pause':
        await asked(debug.pause(consumer), (params as { isHeld?: boolean }).isHeld === true);
        return {};
      case 'continue':
        return { stillHeldBy: (await debug.release(consumer)).map((holder) => holder.name) };
      case 'step':
        await debug.step(consumer, params);
        return {};
      case 'run-to':
        await debug.runTo(consumer, (params as { position: ScriptPosition }).position);
        return {};
      case 'set-breakpoint':
        return debug.setBreakpoint(consumer, params);
      case 'remove-breakpoint':
        await debug.removeBreakpoint(consumer, (params as { breakpoint: string }).breakpoint);
        return {};
      case 'scripts':
        return { scripts: debug.scripts };
      case 'stack':
        return { frames: debug.stop?.frames ?? [] };
      case 'evaluate':
        if ((params as { callFrameId?: string }).callFrameId !== undefined)
          debug.requireHold(consumer);
        return debug.evaluate(params);
      case 'Debugger.getScriptSource':
      case 'Debugger.getPossibleBreakpoints':
      case 'Runtime.getProperties':
        return debug.inspect(method, params);
      case 'set-skip':
        return {};
      case 'verdict':
      case 'leave-to-debugger':
        throw new ExtensionEventError('EE_DEBUG_METHOD', `${method} is for a host, and this is an agent.`, 'Ask the host of the process: threads outside JavaScript are its.'); // prettier-ignore
      default:
        return method satisfies never;
    }
  }
}

// A thread that a tracer holds answers when it runs again; by then the request lies before it.
async function asked(answer: Promise<unknown>, isHeld: boolean): Promise<void> {
  if (!isHeld) return void (await answer);
  answer.catch(() => undefined);
  await setImmediate();
}
