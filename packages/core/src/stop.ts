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

/** Is the breakpoint set? Waits a moment for it; a stop that is missed all the same is counted. */
export function waitForSentinel(words: Int32Array<SharedArrayBuffer>): boolean {
  const { sentinelArmed, stopsMissed } = flagWord;
  if (Atomics.load(words, sentinelArmed) === 1) return true;
  Atomics.wait(words, sentinelArmed, 0, patienceMs);
  if (Atomics.load(words, sentinelArmed) === 1) return true;
  Atomics.add(words, stopsMissed, 1);
  return false;
}
