/**
 * Threads that a source of this host has stopped, or wants stopped.
 *
 * A source's one-shot event sends its thread SIGURG, and posts. When a catchpoint matches what was
 * posted, the catch waits here: for the `verdict` of a debugger that sees the thread stand, or for
 * the holder, where the host holds the thread itself. Nobody may come: the signal does nothing then,
 * the thread runs on, and the catch is forgotten and armed again after a moment.
 */
import { readFileSync } from 'node:fs';
import type { StoppingEvent } from '@extension-events/core';
import type { Verdict } from '@extension-events/protocol';
import type { Consumer } from '@extension-events/protocol/server';
import type { HostListen } from './host-listens.ts';

interface Catch {
  readonly event: StoppingEvent;
  readonly listens: Set<HostListen>;
  readonly sinceMs: number;
  /** A debugger holds the thread by other means now; it stays off until that debugger goes on. */
  isQuiet: boolean;
}

/** What the stops need of their host. */
export interface StopsHost {
  /** Switches the one-shot events of a thread on again. */
  rearm(tid: number): void;
  /** Posts what waits in the kernel's rings. */
  drain(): void;
}

// So long a debugger may take from the signal to the thread that it shows as standing.
const graceMs = 500;

export class NativeStops implements Disposable {
  readonly #host: StopsHost;
  readonly #caught: Map<number, Catch> = new Map();
  /** Threads that got a signal for a sample that no catchpoint matched, and when. */
  readonly #fired: Map<number, number> = new Map();
  #sweeper: NodeJS.Timeout | undefined;
  /** Catches that nobody came for. */
  missed = 0;

  constructor(host: StopsHost) {
    this.#host = host;
  }

  /** Around a sample that sent its thread a signal. */
  signalled(tid: number, post: () => void): void {
    try {
      post();
    } finally {
      if (!this.#caught.has(tid)) {
        this.#fired.set(tid, performance.now());
        this.#sweepSoon();
        this.#host.rearm(tid);
      }
    }
  }

  /** A catchpoint matched. */
  caught(listens: readonly HostListen[], event: StoppingEvent): void {
    const { tid } = event.subject;
    const present = this.#caught.get(tid);
    if (present !== undefined) {
      // The thread stands already, as far as we know; one event is shown, for all who caught it.
      if (present.event.name === event.name) for (const listen of listens) present.listens.add(listen); // prettier-ignore
      return;
    }
    const listenSet = new Set(listens);
    this.#caught.set(tid, {
      event,
      listens: listenSet,
      sinceMs: performance.now(),
      isQuiet: false,
    });
    this.#sweepSoon();
  }

  /** What a debugger that sees the thread stand with SIGURG is to make of it. */
  verdict(tid: number, consumer: Consumer): Verdict {
    this.#host.drain();
    const found = this.#caught.get(tid);
    if (found?.isQuiet === true) return { caught: null, isOurs: true };
    const numbers = found === undefined ? [] : numbersOf(found, consumer);
    const isOurs = found !== undefined || this.#fired.has(tid);
    this.#fired.delete(tid);
    if (found === undefined || numbers.length === 0) {
      this.resume(tid); // a catch of somebody who does not hold the thread is none
      return { caught: null, isOurs };
    }
    const { name, payload, timestampNs } = found.event;
    return { caught: { listens: numbers, event: name, payload, timestampNs }, isOurs };
  }

  /** The same for the host's own holder: what was caught, for whom. */
  decide(tid: number): { caught: Catch | undefined; isOurs: boolean } {
    this.#host.drain();
    const caught = this.#caught.get(tid);
    const isOurs = caught !== undefined || this.#fired.has(tid);
    this.#fired.delete(tid);
    return { caught: caught?.isQuiet === true ? undefined : caught, isOurs };
  }

  /** The thread goes on: its catch is forgotten, its sources are armed again. */
  resume(tid: number): void {
    if (this.#caught.delete(tid)) this.#host.rearm(tid);
  }

  /** The thread goes on a little, to where a debugger holds it: nothing is to stop it meanwhile. */
  keepQuiet(tid: number): void {
    const found = this.#caught.get(tid);
    if (found !== undefined) found.isQuiet = true;
  }

  /** A consumer has left: what was caught for it alone is let go. */
  forget(consumer: Consumer): void {
    for (const [tid, { listens }] of this.#caught) {
      for (const listen of listens) if (listen.consumer === consumer) listens.delete(listen);
      if (listens.size === 0) this.resume(tid);
    }
  }

  #sweepSoon(): void {
    this.#sweeper ??= setInterval(() => this.sweep(performance.now()), graceMs).unref();
  }

  /** @internal Forgets what nobody came for: the thread runs. */
  sweep(nowMs: number): void {
    for (const [tid, { isQuiet, sinceMs }] of this.#caught) {
      if (isQuiet || nowMs - sinceMs < graceMs || isHeldByTracer(tid)) continue;
      this.missed++;
      this.resume(tid);
    }
    for (const [tid, sinceMs] of this.#fired)
      if (nowMs - sinceMs >= graceMs && !isHeldByTracer(tid)) this.#fired.delete(tid);
    if (this.#caught.size + this.#fired.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#sweeper);
    for (const tid of this.#caught.keys()) this.resume(tid);
  }
}

function numbersOf({ listens }: Catch, consumer: Consumer): number[] {
  return [...listens].filter((listen) => listen.consumer === consumer).map(({ number }) => number);
}

// State `t`, proc_pid_status(5): a tracer holds it.
function isHeldByTracer(tid: number): boolean {
  try {
    return /^State:\s+t/m.test(readFileSync(`/proc/${tid}/status`, 'latin1'));
  } catch {
    return false;
  }
}
