/**
 * The flag block: one per thread, in shared memory, of fixed length (a growable buffer would spoil
 * the off path). The poster reads its event type's word with a plain load; every writer, on this
 * thread or another, uses Atomics on single bits, so that none undoes another's.
 *
 * | word | holds | written by |
 * | --- | --- | --- |
 * | 0 | magic | the thread, once |
 * | 1 | layout version | the thread, once |
 * | 2, 3 | tid, threadId | the thread, once |
 * | 4 | capacity in event types | the thread, once |
 * | 5 | words handed out so far | the thread |
 * | 6 | 1 while a debugger's breakpoint stands on the stop sentinel | the agent |
 * | 7 | stops missed because word 6 stayed 0 | the thread |
 * | 8 | 1 while the exiting thread waits to be heard, 3 while its rings are drained, then 2 | both |
 * | 16… | one word per event type: {@link flag} bits | anybody, bit by bit |
 * | 2048… | one word per event type: its generation, raised when the word gets a new owner | the thread |
 *
 * To change the layout, raise {@link layoutVersion}: copies of core with another one are refused.
 */
export const layoutVersion = 1;
export const flagMagic = 0x45_45_56_31;
export const flagHeaderWords = 16;
export const typeCapacity = 2032;
/** Distance from an event type's flag word to the generation of that word. */
export const generationOffset: number = typeCapacity;

export const flagWord = {
  magic: 0,
  layout: 1,
  tid: 2,
  threadId: 3,
  capacity: 4,
  used: 5,
  sentinelArmed: 6,
  stopsMissed: 7,
  exit: 8,
} as const;

/** Who wants an event type on this thread. */
export const flag = { probe: 1, local: 2, record: 4, stop: 8 } as const;

/** Makes the block of a thread. */
export function createFlagBlock(tid: number, threadId: number): Int32Array<SharedArrayBuffer> {
  const words = new Int32Array(new SharedArrayBuffer((flagHeaderWords + 2 * typeCapacity) * 4));
  words[flagWord.layout] = layoutVersion;
  words[flagWord.tid] = tid;
  words[flagWord.threadId] = threadId;
  words[flagWord.capacity] = typeCapacity;
  Atomics.store(words, flagWord.magic, flagMagic); // last: whoever sees it sees the rest
  return words;
}

/** Sets and clears bits of one event type's word; safe from any thread that has the block. */
export function changeFlags(words: Int32Array, index: number, set: number, clear: number): void {
  if (clear !== 0) Atomics.and(words, index, ~clear);
  if (set !== 0) Atomics.or(words, index, set);
}
