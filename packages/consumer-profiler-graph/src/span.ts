import { graphError } from './errors.ts';
import type { TimeRange } from './graph-types.ts';
import { chooseLevel, type Level } from './levels.ts';

/** A range in the buckets of one level: numbers of the first and the last, counted from 1970. */
export interface Span {
  readonly level: number;
  readonly bucketMs: number;
  readonly first: number;
  readonly last: number;
}

/** @throws ExtensionEventError `EE_GRAPH_RANGE` */
export function checkRange(range: TimeRange): void {
  const isGood =
    'lastMs' in range
      ? range.lastMs > 0 && Number.isFinite(range.lastMs)
      : Number.isFinite(range.fromMs) && Number.isFinite(range.toMs) && range.fromMs < range.toMs;
  if (isGood) return;
  throw graphError(
    'EE_GRAPH_RANGE',
    `${JSON.stringify(range)} is no span of time.`,
    'Give { lastMs } above 0, or { fromMs, toMs } in milliseconds since 1970 with fromMs before toMs.',
  );
}

/**
 * Lays a range over the finest level that still reaches back to its start. Whole buckets: a sliding
 * range ends with the bucket that is being filled. What is older than anything kept is left out.
 */
export function layOver(range: TimeRange, levels: readonly Level[], nowMs: number): Span {
  const backMs = 'lastMs' in range ? range.lastMs : nowMs - range.fromMs;
  const level = chooseLevel(levels, backMs);
  const { bucketMs, buckets } = levels[level] ?? { bucketMs: 1000, buckets: 1 };
  const now = Math.floor(nowMs / bucketMs);
  const oldest = now - buckets + 2;
  if ('lastMs' in range) {
    const count = Math.ceil(range.lastMs / bucketMs);
    return { level, bucketMs, first: Math.max(now - count + 1, oldest), last: now };
  }
  const last = Math.min(Math.ceil(range.toMs / bucketMs) - 1, now + 1);
  const first = Math.max(Math.floor(range.fromMs / bucketMs), oldest);
  return { level, bucketMs, first, last: Math.max(last, first - 1) };
}
