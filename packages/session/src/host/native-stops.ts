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
import type { HeldBy, Verdict } from '@extension-events/protocol';
import type { Consumer } from '@extension-events/protocol/server';
import type { HostListen } from './host-listens.ts';

/** One event, and the listens that caught it. */
export interface CaughtEvent {
  readonly event: StoppingEvent;
  readonly listens: Set<HostListen>;
}

interface Catch {
  /** What came together in one stop: each listen is in one of them. */
  readonly events: CaughtEvent[];
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
  /** A debugger shows a thread as standing; or it goes on. */
  setHeld(tid: number, heldBy: HeldBy | undefined): void;
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
    if (present === undefined) {
      const events = [{ event, listens: new Set(listens) }];
      this.#caught.set(tid, { events, sinceMs: performance.now(), isQuiet: false });
      this.#sweepSoon();
      return;
    }
    // The thread stands already, as far as we know: it is one stop for all who caught it.
    const { events } = present;
    const fresh = listens.filter((listen) => !events.some((each) => each.listens.has(listen)));
    const same = events.find((each) => each.event.name === event.name);
    if (same !== undefined) for (const listen of fresh) same.listens.add(listen);
    else if (fresh.length > 0) events.push({ event, listens: new Set(fresh) });
  }

  /** What a debugger that sees the thread stand with SIGURG is to make of it. */
  verdict(tid: number, consumer: Consumer): Verdict {
    this.#host.drain();
    const found = this.#caught.get(tid);
    if (found?.isQuiet === true) return { caught: null, isOurs: true };
    const shown = found === undefined ? undefined : shownTo(consumer, found.events);
    const isOurs = found !== undefined || this.#fired.has(tid);
    this.#fired.delete(tid);
    if (shown === undefined) {
      this.resume(tid); // a catch of somebody who does not hold the thread is none
      return { caught: null, isOurs };
    }
    const { listens, event: { name, payload, timestampNs } } = shown; // prettier-ignore
    this.#host.setHeld(tid, { event: name, holders: [consumer.name] });
    return { caught: { listens, event: name, payload, timestampNs }, isOurs };
  }

  /** The same for the host's own holder: what was caught, for whom. */
  decide(tid: number): { caught: readonly CaughtEvent[] | undefined; isOurs: boolean } {
    this.#host.drain();
    const caught = this.#caught.get(tid);
    const isOurs = caught !== undefined || this.#fired.has(tid);
    this.#fired.delete(tid);
    return { caught: caught?.isQuiet === true ? undefined : caught?.events, isOurs };
  }

  /** The thread goes on: its catch is forgotten, its sources are armed again. */
  resume(tid: number): void {
    if (!this.#caught.delete(tid)) return;
    this.#host.rearm(tid);
    this.#host.setHeld(tid, undefined);
  }

  /** The thread goes on a little, to where a debugger holds it: nothing is to stop it meanwhile. */
  keepQuiet(tid: number): void {
    const found = this.#caught.get(tid);
    if (found !== undefined) found.isQuiet = true;
  }

  /** A consumer has left: what was caught for it alone is let go. */
  forget(consumer: Consumer): void {
    for (const [tid, { events }] of this.#caught) {
      for (const { listens } of events)
        for (const listen of listens) if (listen.consumer === consumer) listens.delete(listen);
      if (events.every(({ listens }) => listens.size === 0)) this.resume(tid);
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

/** What a consumer is shown of a stop: its first event, and all its listens that caught one; `undefined`: it is not for it. */
export function shownTo(
  consumer: Consumer,
  events: readonly CaughtEvent[],
): { readonly event: StoppingEvent; readonly listens: readonly number[] } | undefined {
  const its = ({ listens }: CaughtEvent): number[] =>
    [...listens].filter((listen) => listen.consumer === consumer).map(({ number }) => number);
  const first = events.find((each) => its(each).length > 0);
  return first === undefined ? undefined : { event: first.event, listens: events.flatMap(its) };
}

// State `t`, proc_pid_status(5): a tracer holds it.
function isHeldByTracer(tid: number): boolean {
  try {
    return /^State:\s+t/m.test(readFileSync(`/proc/${tid}/status`, 'latin1'));
  } catch {
    return false;
  }
}
