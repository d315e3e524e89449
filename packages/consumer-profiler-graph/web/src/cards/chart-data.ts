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
  const perSecond = (counts: readonly number[]): (number | null)[] => {
    const rates = counts.slice(0, length).map((count, i) => {
      const fromMs = startMs + i * bucketMs;
      const isUnknown = fromMs + bucketMs <= sinceMs || (fromMs >= endedMs && count === 0);
      return isUnknown ? null : (count * 1000) / bucketMs;
    });
    // A step ends where the next one begins: the last bucket needs an end too.
    return [...rates, rates.at(-1) ?? null];
  };
  const columns = lines.map(({ counts }) => perSecond(counts));
  return [times, ...columns, ...(hasLost ? [perSecond(lost)] : [])];
}
