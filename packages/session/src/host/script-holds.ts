import type { Consumer } from '@extension-events/protocol/server';
import type { Decision, Holder, HolderFactory } from './holder.ts';
import { type NativeStops, shownTo } from './native-stops.ts';
import type { NativeThreads } from './native-threads.ts';

/** What holds need of their host. */
export interface HoldsHost {
  readonly stops: NativeStops;
  readonly threads: NativeThreads;
  /** Scripted threads that a catchpoint in force here is for. */
  wanted(): readonly number[];
  fault(error: unknown): void;
}

// One that was told of a held thread and does nothing about it is gone, or stuck.
const patienceMs = 1000;

/**
 * Holds JavaScript threads at the signals of sources, until their agent has been asked to pause
 * them: threads of a process that no debugger of native code looks after.
 */
export class ScriptHolds implements Disposable {
  readonly #host: HoldsHost;
  readonly #create: HolderFactory | undefined;
  #holder: Holder | undefined;
  #isCreating = false;
  /** Consumers whose debugger traces the process. */
  readonly #debuggers: Set<Consumer> = new Set();
  #isOver = false;
  readonly #watched: Set<number> = new Set();
  readonly #held: Map<number, NodeJS.Timeout> = new Map();

  /** @param create - left out where threads cannot be held */
  constructor(host: HoldsHost, create: HolderFactory | undefined) {
    this.#host = host;
    this.#create = create;
  }

  /** A consumer's debugger of native code attaches to the process, and does this instead; or it has left. */
  leaveToDebugger(consumer: Consumer, isLeft: boolean): void {
    if (isLeft) this.#debuggers.add(consumer);
    else this.#debuggers.delete(consumer);
    this.update();
  }

  /** Looks after the threads that are wanted now, and no others. */
  update(): void {
    const wanted = this.#isOver || this.#debuggers.size > 0 ? [] : this.#host.wanted();
    if (wanted.length > 0 && this.#holder === undefined) {
      void this.#start();
      return;
    }
    for (const tid of this.#watched) {
      if (wanted.includes(tid)) continue;
      this.release(tid);
      this.#watched.delete(tid);
      this.#holder?.unwatch(tid);
    }
    for (const tid of wanted) {
      if (!this.#watched.has(tid) && this.#holder?.watch(tid) === true) this.#watched.add(tid);
    }
    if (wanted.length === 0) this.#drop();
  }

  async #start(): Promise<void> {
    if (this.#create === undefined || this.#isCreating) return;
    this.#isCreating = true;
    try {
      this.#holder = await this.#create((tid) => this.#decide(tid));
    } catch (error) {
      this.#host.fault(error);
      return;
    } finally {
      this.#isCreating = false;
    }
    this.update(); // it may be wanted no more
  }

  #decide(tid: number): Decision {
    const { stops, threads } = this.#host;
    const { caught, isOurs } = stops.decide(tid);
    if (caught === undefined) return isOurs ? 'swallow' : 'pass';
    const thread = threads.keyOf(tid);
    const told = new Set<Consumer>();
    for (const { consumer } of caught.flatMap(({ listens }) => [...listens])) {
      const shown = shownTo(consumer, caught);
      if (thread === undefined || shown === undefined || told.has(consumer)) continue;
      told.add(consumer);
      const { listens, event: { name: event, payload, timestampNs } } = shown; // prettier-ignore
      consumer.send({ kind: 'stop', thread, cause: { type: 'event', listens, event, payload, timestampNs } }); // prettier-ignore
    }
    if (told.size === 0) {
      stops.resume(tid);
      return 'swallow';
    }
    const watchdog = setTimeout(() => this.release(tid), patienceMs);
    this.#held.set(tid, watchdog);
    threads.setHeld(tid, { event: caught[0]?.event.name ?? '', holders: Array.from(told, ({ name }) => name) }); // prettier-ignore
    return 'hold';
  }

  /** Lets a thread go on; one that is not held is let be. */
  release(tid: number): void {
    const watchdog = this.#held.get(tid);
    if (watchdog === undefined) return;
    clearTimeout(watchdog);
    this.#held.delete(tid);
    this.#holder?.release(tid);
    this.#host.threads.setHeld(tid, undefined);
  }

  #drop(): void {
    for (const tid of this.#held.keys()) this.release(tid);
    this.#watched.clear();
    this.#holder?.[Symbol.dispose]();
    this.#holder = undefined;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#drop();
  }
}
