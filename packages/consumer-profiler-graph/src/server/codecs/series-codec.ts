import type { Series, SeriesLine } from '../../graph-types.ts';
import type { Codec } from './codec.ts';
import { keptLength, shiftBetween, sliding } from './sliding.ts';

interface Tail {
  readonly startMs: number;
  /** Buckets that are left out at the old end. */
  readonly shift: number;
  /** Buckets that are as they were, after that. */
  readonly keep: number;
  readonly totals: readonly number[];
  readonly counts: readonly (readonly number[])[];
  readonly lost: readonly number[];
}

export type SeriesDelta = { readonly whole: Series } | { readonly tail: Tail };

/** A series in which time has passed differs in its last buckets only: these are sent. */
export const seriesCodec: Codec<Series, SeriesDelta> = {
  diff(before, now) {
    if (before === undefined || !hasSameLines(before.lines, now.lines)) return { whole: now };
    const shift = shiftBetween(before, now);
    if (shift === undefined) return { whole: now };
    const pairs = [
      [before.lost, now.lost] as const,
      ...now.lines.map((line, i) => [before.lines[i]?.counts ?? [], line.counts] as const),
    ];
    const keep = Math.min(...pairs.map(([old, fresh]) => keptLength(old, fresh, shift)));
    const totals = now.lines.map(({ total }) => total);
    const isSame = shift === 0 && keep === now.lost.length && keep === before.lost.length;
    if (isSame && totals.every((total, i) => total === before.lines[i]?.total)) return undefined;
    const counts = now.lines.map((line) => line.counts.slice(keep));
    return { tail: { startMs: now.startMs, shift, keep, totals, counts, lost: now.lost.slice(keep) } }; // prettier-ignore
  },

  apply(before, delta) {
    if ('whole' in delta || before === undefined) return (delta as { whole: Series }).whole;
    const { counts, keep, lost, shift, startMs, totals } = delta.tail;
    const slide = sliding(shift, keep);
    return {
      startMs,
      bucketMs: before.bucketMs,
      lines: before.lines.map((line, i) => ({
        ...line,
        total: totals[i] ?? 0,
        counts: slide(line.counts, counts[i] ?? []),
      })),
      lost: slide(before.lost, lost),
    };
  },
};

function hasSameLines(before: readonly SeriesLine[], now: readonly SeriesLine[]): boolean {
  return (
    before.length === now.length &&
    now.every(({ key, label }, i) => key === before[i]?.key && label === before[i].label)
  );
}
