// Not the global: a test that fakes timers must not hold back events.
import { setImmediate } from 'node:timers';
import type { Tap } from './tap.ts';

/** Most events that wait for a safe point on one thread; more are lost, and counted. */
export const maxWaiting = 65_536;
// What listeners post is delivered by microtasks too, but only so many in a row: then the event loop
// gets its turn, also with a listener that posts what it listens for.
const maxFollowing = 1024;
// Resolved once: a reaction on it is the cheapest way into the microtask queue.
const settled = Promise.resolve();

/**
 * Brings events to the listeners of this thread at its safe point: when the posting job's stack has
 * unwound. Nothing of the poster is on the stack then, so a listener may block, throw, post, unlisten.
 */
export class Delivery {
  // Taps and events in turn. A new array for each round: young events in an old one cost more than
  // its growth.
  #waiting: unknown[] = [];
  #isScheduled = false;
  /** Events delivered since the event loop last had its turn, but for those of the first round. */
  #following = -1;

  /** Queues one event for one listener; false when the queue is full. */
  push(tap: Tap, event: unknown): boolean {
    const waiting = this.#waiting;
    if (waiting.length >= 2 * maxWaiting) return false;
    waiting.push(tap, event);
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      void settled.then(this.#drain);
    }
    return true;
  }

  readonly #drain = (): void => {
    const round = this.#waiting;
    this.#waiting = [];
    // Posts of the listeners below make up the next round.
    for (let i = 0; i < round.length; i += 2) (round[i] as Tap).deliver(round[i + 1]);
    this.#scheduleNext(round.length / 2);
  };

  #scheduleNext(delivered: number): void {
    if (this.#waiting.length === 0) {
      this.#following = -1;
      this.#isScheduled = false;
      return;
    }
    this.#following = this.#following < 0 ? 0 : this.#following + delivered;
    if (this.#following < maxFollowing) {
      void settled.then(this.#drain);
      return;
    }
    this.#following = 0;
    // Not unreferenced: what was posted is delivered before the program ends.
    setImmediate(this.#drain);
  }
}
