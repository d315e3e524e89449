/** For tests: a process and its perf events, without either. */
import type { LinuxHost, LinuxThread, PerfRequest, PerfSample, PerfSession, ThreadChange } from '@extension-events/platform-linux'; // prettier-ignore

/** An event that is open. */
export interface FakeEvent {
  readonly request: PerfRequest;
  /** One-shot events are off after a sample, by thread. */
  readonly off: Set<number>;
}

/** One process whose threads come and go, and run into events, as the test says. */
export class FakeLinux implements LinuxHost {
  readonly pid: number;
  readonly perf: PerfSession;
  readonly symbols: LinuxHost['symbols'] = { close: () => undefined } as never;
  readonly open: Set<FakeEvent> = new Set();
  /** `rearm 7`: what was done to threads. */
  readonly log: string[] = [];
  /** What the kernel says to the next event that is opened. */
  refusal: unknown;
  readonly #threads: Map<number, LinuxThread> = new Map();
  readonly #listeners: Set<(change: ThreadChange) => void> = new Set();
  /** Samples that nobody has drained. */
  #ring: (() => void)[] = [];

  constructor(pid: number, tids: readonly number[]) {
    this.pid = pid;
    for (const tid of tids) this.#threads.set(tid, { tid, name: `thread-${tid}` });
    this.perf = {
      open: (request) => this.#openEvent(request),
      rearm: (tid) => {
        this.log.push(`rearm ${tid}`);
        for (const event of this.open) event.off.delete(tid);
      },
      settle: () => this.drain(),
      drain: () => this.drain(),
    };
  }

  get threads(): readonly LinuxThread[] {
    return [...this.#threads.values()];
  }

  onThreads(listener: (change: ThreadChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  isScripted(): boolean {
    return false;
  }

  born(tid: number): void {
    const thread = { tid, name: `thread-${tid}` };
    this.#threads.set(tid, thread);
    for (const listener of this.#listeners) listener({ added: [thread], removed: [] });
  }

  died(tid: number): void {
    const thread = this.#threads.get(tid);
    if (thread === undefined || !this.#threads.delete(tid)) return;
    for (const listener of this.#listeners) listener({ added: [], removed: [thread] });
  }

  #openEvent(request: PerfRequest): ReturnType<PerfSession['open']> {
    const { refusal } = this;
    if (refusal !== undefined) throw refusal as Error;
    const event: FakeEvent = { request, off: new Set() };
    this.open.add(event);
    return {
      read: () => ({ value: 0n, enabledNs: 0, runningNs: 0 }),
      setPeriod: () => undefined,
      [Symbol.dispose]: () => void this.open.delete(event),
    };
  }

  /** A thread runs into every event that is open on it: the samples wait to be drained. */
  hit(tid: number, n: number, timeNs = 1): void {
    for (const event of this.open) {
      const { request, off } = event;
      if (request.tid !== undefined && request.tid !== tid) continue;
      if (off.has(tid)) continue;
      if (request.signalsThread === true) off.add(tid);
      const sample = { pid: this.pid, tid, timeNs, pc: n, pcBig: BigInt(n) } as PerfSample;
      this.#ring.push(() => this.open.has(event) && request.onSample(sample));
    }
  }

  /** The kernel had no room for this many samples. */
  lose(count: number): void {
    for (const { request } of this.open) this.#ring.push(() => request.onLost?.(count));
  }

  drain(): void {
    const ring = this.#ring;
    this.#ring = [];
    for (const tell of ring) tell();
  }
}
