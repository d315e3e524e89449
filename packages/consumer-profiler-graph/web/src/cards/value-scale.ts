import type { HistogramBucket } from '../../../src/graph-types.ts';

/** An axis of values. */
export interface ValueScale {
  /** Where a value lies, 0 to 1. */
  place(value: number): number;
  /** Round values for labels, about so many. */
  ticks(about: number): number[];
}

/** Values that lie within such a factor of each other are drawn as they are. */
const narrow = 12;

/**
 * The axis of a histogram from its first bucket to its last, whatever lies between: logarithmic, or
 * linear when the values are near each other. Around 0 a logarithmic axis is linear.
 *
 * @param isBinary - ticks are powers of two: bytes
 */
export function valueScale(buckets: readonly HistogramBucket[], isBinary: boolean): ValueScale {
  const from = buckets[0]?.fromValue ?? 0;
  const to = Math.max(buckets.at(-1)?.toValue ?? 1, from + Number.MIN_VALUE);
  const edges = buckets.flatMap(({ fromValue, toValue }) => [fromValue, toValue]);
  const sizes = edges.map(Math.abs).filter((size) => size > 0);
  const least = Math.min(...sizes);
  const most = Math.max(...sizes);
  const isNarrow = most / least < narrow && Number.isFinite(to - from);
  if (isNarrow) return scaleOf((value) => value, from, to, linearTicks);
  const bend = (value: number): number => {
    const size = Math.abs(value) / least;
    return Math.sign(value) * (size <= 1 ? size : 1 + Math.log2(Math.abs(value)) - Math.log2(least)); // prettier-ignore
  };
  const ticks = (low: number, high: number, about: number): number[] =>
    logTicks(low, high, about, least, isBinary);
  return scaleOf(bend, from, to, ticks);
}

type Ticks = (from: number, to: number, about: number) => number[];

function scaleOf(
  bend: (value: number) => number,
  from: number,
  to: number,
  ticks: Ticks,
): ValueScale {
  // prettier-ignore
  const [first, last] = [bend(from), bend(to)];
  const place = (value: number): number => (bend(value) - first) / (last - first || 1);
  return { place, ticks: (about) => ticks(from, to, about).filter((value) => value >= from && value <= to) }; // prettier-ignore
}

function linearTicks(from: number, to: number, about: number): number[] {
  const rough = (to - from) / Math.max(1, about);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((one) => one * power >= rough) ?? 10);
  if (!Number.isFinite(step) || step <= 0) return [from];
  const first = Math.ceil(from / step);
  const count = Math.min(100, Math.floor(to / step) - first + 1);
  return Array.from({ length: Math.max(0, count) }, (_, i) => (first + i) * step);
}

function logTicks(
  from: number,
  to: number,
  about: number,
  least: number,
  isBinary: boolean,
): number[] {
  // prettier-ignore
  const ofPositive = (low: number, high: number, room: number): number[] => {
    if (high <= low) return [];
    const base = isBinary ? 2 : 10;
    const [first, last] = [Math.floor(Math.log(low) / Math.log(base)), Math.ceil(Math.log(high) / Math.log(base))]; // prettier-ignore
    const every = Math.max(1, Math.ceil((last - first) / Math.max(1, room)));
    const parts = !isBinary && (last - first) * 3 <= room ? [1, 2, 5] : [1];
    const start = Math.ceil(first / every) * every;
    const count = Math.floor((last - start) / every) + 1;
    return Array.from({ length: Math.max(0, count) }, (_, i) => base ** (start + i * every))
      .flatMap((power) => parts.map((part) => part * power))
      .filter(Number.isFinite);
  };
  const hasBoth = from < 0 && to > 0;
  const room = hasBoth ? about / 2 : about;
  const below = from < 0 ? ofPositive(Math.max(least, -to), -from, room).map((value) => -value).toReversed() : []; // prettier-ignore
  const above = to > 0 ? ofPositive(Math.max(least, from), to, room) : [];
  return [...below, ...(from <= 0 && to >= 0 ? [0] : []), ...above];
}

/** How many rows from the lowest edge a value lies: rows are of one height, whatever they span. */
export function placeAmong(edges: readonly number[], value: number): number {
  const above = edges.findIndex((edge) => edge > value);
  if (above <= 0) return above === 0 ? 0 : edges.length - 1;
  const [low, high] = [edges[above - 1] ?? 0, edges[above] ?? 0];
  const isLog = low > 0;
  return above - 1 + (isLog ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low)); // prettier-ignore
}
