import type { Tap } from './tap.ts';

/** Most events that wait for a safe point on one thread; more are lost, and counted. */
export const maxWaiting = 65_536;
// A listener that posts what it listens for goes on by microtasks only so long; then the event loop
// gets its turn between two rounds.
const maxChain = 64;

/**
 * Brings events to the listeners of this thread at its safe point: when the posting job's stack has
 * unwound. Nothing of the poster is on the stack then, so a listener may block, throw, post, unlisten.
 */
export class Delivery {
  #taps: Tap[] = [];
  #events: unknown[] = [];
  #isScheduled = false;
  #chain = 0;

  /** Queues one event for one listener; false when the queue is full. */
  push(tap: Tap, event: unknown): boolean {
    if (this.#taps.length >= maxWaiting) return false;
    this.#taps.push(tap);
    this.#events.push(event);
    if (!this.#isScheduled) this.#schedule();
    return true;
  }

  #schedule(): void {
    this.#isScheduled = true;
    if (this.#chain < maxChain) void Promise.resolve().then(this.#drain);
    else setImmediate(this.#drain).unref();
  }

  readonly #drain = (): void => {
    const taps = this.#taps;
    const events = this.#events;
    this.#taps = [];
    this.#events = [];
    // Posts of the listeners below start the next round, scheduled when this one is through.
    for (let i = 0; i < taps.length; i++) taps[i]?.deliver(events[i]);
    this.#isScheduled = false;
    if (this.#taps.length === 0) {
      this.#chain = 0;
      return;
    }
    this.#chain = this.#chain >= maxChain ? 0 : this.#chain + 1;
    this.#schedule();
  };
}
