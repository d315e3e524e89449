import type { HeatMap } from '../../graph-types.ts';
import { type Codec, isSame } from './codec.ts';
import { keptLength, shiftBetween, sliding } from './sliding.ts';

interface Tail {
  readonly startMs: number;
  readonly shift: number;
  readonly keep: number;
  readonly columns: HeatMap['columns'];
}

export type HeatDelta = { readonly whole: HeatMap } | { readonly tail: Tail };

/** As for series: the columns that are new or have changed, unless the rows are others. */
export const heatCodec: Codec<HeatMap, HeatDelta> = {
  diff(before, now) {
    if (before === undefined || !isSame(before.edges, now.edges)) return { whole: now };
    const shift = shiftBetween(before, now);
    if (shift === undefined || before.sinceMs !== now.sinceMs) return { whole: now };
    const keep = keptLength(before.columns, now.columns, shift, hasSameCounts);
    if (shift === 0 && keep === now.columns.length && keep === before.columns.length)
      return undefined;
    return { tail: { startMs: now.startMs, shift, keep, columns: now.columns.slice(keep) } };
  },

  apply(before, delta) {
    if ('whole' in delta || before === undefined) return (delta as { whole: HeatMap }).whole;
    const { columns, keep, shift, startMs } = delta.tail;
    return { ...before, startMs, columns: sliding(shift, keep)(before.columns, columns) };
  },
};

function hasSameCounts(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((count, i) => count === b[i]);
}
