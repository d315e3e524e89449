import { flagWord } from './flags.ts';
import type { AnyPayload } from './types.ts';

/**
 * Called last in a post, only when a catchpoint will stop. The agent sets one unconditional
 * breakpoint on this function and steps out to the first user statement after the post; with no
 * debugger it does nothing.
 */
export function stopSentinel(
  catchIds: readonly number[],
  name: string,
  payload: AnyPayload,
): number {
  return catchIds.length + name.length + (payload === null ? 0 : 1);
}

// A thread that was just born may post before the agent has set its breakpoint.
const patienceMs = 50;

/** Waits a moment for the breakpoint on the sentinel; a stop that is missed all the same is counted. */
export class SentinelWait {
  readonly #words: Int32Array<SharedArrayBuffer>;
  #isPatient = true;

  constructor(words: Int32Array<SharedArrayBuffer>) {
    this.#words = words;
  }

  /** Is the breakpoint set? */
  isArmed(): boolean {
    const words = this.#words;
    const { sentinelArmed, stopsMissed } = flagWord;
    if (Atomics.load(words, sentinelArmed) !== 1 && this.#isPatient) {
      Atomics.wait(words, sentinelArmed, 0, patienceMs);
    }
    // Once nobody came in time, later posts do not wait: the program goes first.
    this.#isPatient = Atomics.load(words, sentinelArmed) === 1;
    if (!this.#isPatient) Atomics.add(words, stopsMissed, 1);
    return this.#isPatient;
  }
}
