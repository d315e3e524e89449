/**
 * Buckets of a histogram. Log2 ones are numbered: 0 below zero, 1 from 0 to 1, and k + 2 from 2^k to
 * 2^(k + 1). Linear ones: 0 below the low end, then one for each step, then one for all beyond.
 */
import type { LinearBuckets } from '../program/checked.ts';

export const log2Buckets = 66;

const { abs, clz32, floor, log2, max, min, round } = Math;

/** The log2 bucket of a finite value. */
export function log2Bucket(value: number): number {
  if (value < 1) return value < 0 ? 0 : 1;
  if (value < 4_294_967_296) return 33 - clz32(value);
  let power = floor(log2(value));
  // The logarithm of a large value may be rounded across a power of two.
  if (2 ** power > value) power--;
  else if (2 ** (power + 1) <= value) power++;
  return min(power + 2, log2Buckets - 1);
}

export function linearCount({ low, high, step }: LinearBuckets): number {
  return max(0, Math.ceil((high - low) / step)) + 2;
}

/** The linear bucket of a finite value. */
export function linearBucket({ low, high, step }: LinearBuckets, value: number): number {
  if (value < low) return 0;
  if (value >= high) return linearCount({ low, high, step }) - 1;
  return min(floor((value - low) / step) + 1, linearCount({ low, high, step }) - 2);
}

const barLength = 52;

/** The picture that `@hist` prints: one line a bucket from the first to the last that holds something. */
export function drawLog2(counts: ArrayLike<number> | undefined): string {
  return draw(counts, (bucket) => {
    if (bucket < 2) return bucket === 0 ? '(..., 0)' : '[0, 1)';
    if (bucket === log2Buckets - 1) return `[${powerOfTwo(bucket - 2)}, ...)`;
    return `[${powerOfTwo(bucket - 2)}, ${powerOfTwo(bucket - 1)})`;
  });
}

/** The same for `@lhist`. */
export function drawLinear(
  counts: ArrayLike<number> | undefined,
  { low, high, step }: LinearBuckets,
): string {
  const last = linearCount({ low, high, step }) - 1;
  return draw(counts, (bucket) => {
    if (bucket === 0) return `(..., ${low})`;
    if (bucket === last) return `[${high}, ...)`;
    return `[${low + (bucket - 1) * step}, ${min(high, low + bucket * step)})`;
  });
}

function draw(counts: ArrayLike<number> | undefined, nameOf: (bucket: number) => string): string {
  let first = -1;
  let last = -1;
  let most = 0;
  for (let bucket = 0; bucket < (counts?.length ?? 0); bucket++) {
    const count = counts?.[bucket] ?? 0;
    if (count === 0) continue;
    if (first < 0) first = bucket;
    last = bucket;
    most = max(most, count);
  }
  let text = '';
  if (first < 0) return text;
  for (let bucket = first; bucket <= last; bucket++) {
    const count = counts?.[bucket] ?? 0;
    const bar = '@'.repeat(round((count / most) * barLength));
    text += `${nameOf(bucket).padEnd(16)} ${String(count).padStart(10)} |${bar.padEnd(barLength)}|\n`;
  }
  return text;
}

const units = ['', 'K', 'M', 'G', 'T', 'P'] as const;

function powerOfTwo(exponent: number): string {
  const unit = units[floor(exponent / 10)];
  return unit === undefined ? `2^${abs(exponent)}` : `${2 ** (exponent % 10)}${unit}`;
}
