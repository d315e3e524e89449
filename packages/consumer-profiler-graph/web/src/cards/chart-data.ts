import type { AlignedData } from 'uplot';
import type { Series } from '../../../src/graph-types.ts';

/** How many buckets of a series lie in the past: those that will not change any more. */
export function completeBuckets({ bucketMs, lost, startMs }: Series, nowMs: number): number {
  return Math.min(lost.length, Math.max(0, Math.floor((nowMs - startMs) / bucketMs)));
}

/**
 * Columns for the chart: time, then incidents a second of each line, then lost ones. What was before
 * anybody listened is unknown, not zero, and so is what would be after the last process has ended.
 */
export function toChartData(
  { bucketMs, lines, lost, startMs }: Series,
  hasLost: boolean,
  complete: number,
  sinceMs: number,
  endedMs = Infinity,
): AlignedData {
  const length = Math.min(lost.length, complete);
  const times = Array.from({ length: length + 1 }, (_, i) => startMs + i * bucketMs);
  const isOver = (counts: readonly number[], i: number): boolean =>
    startMs + i * bucketMs >= endedMs && (counts[i] ?? 0) === 0;
  const rateOf = (counts: readonly number[], i: number): number | null =>
    startMs + (i + 1) * bucketMs <= sinceMs ? null : ((counts[i] ?? 0) * 1000) / bucketMs;
  const perSecond = (counts: readonly number[]): (number | null)[] => {
    // A step ends where the next one begins: the last bucket needs an end too.
    const rates = counts.slice(0, length).map((_, i) => {
      if (!isOver(counts, i)) return rateOf(counts, i);
      return i > 0 && !isOver(counts, i - 1) ? rateOf(counts, i - 1) : null;
    });
    return [...rates, rates.at(-1) ?? null];
  };
  const columns = lines.map(({ counts }) => perSecond(counts));
  return [times, ...columns, ...(hasLost ? [perSecond(lost)] : [])];
}
