// Sooner than anybody sees it on a screen.
const longestMs = 8;
const shortestMs = 1;

/**
 * Longest frame of records, and what a round should find at most: about what a socket carries at
 * once. Much longer frames arrive in pieces that the consumer has to put together, and are dropped
 * whole when it falls behind; longer rounds keep agent and consumer on a processor for so long that
 * the program's own clients, which share it, leave the program without work.
 */
export const maxRoundBytes: number = 64 * 1024;

/**
 * How long to let records gather. What comes after silence is carried at once, and what follows it a
 * moment later: being rung for costs the poster a system call. The longer records flow, the more of
 * them go together, since each round takes time from the program's own threads.
 *
 * @param lastMs - the nap before; 0 after silence
 * @param bytes - what the round after it has found
 */
export function nextNapMs(lastMs: number, bytes: number): number {
  if (lastMs === 0) return shortestMs;
  const fullMs = (lastMs * maxRoundBytes) / bytes;
  return Math.max(shortestMs, Math.min(lastMs * 2, fullMs, longestMs));
}
