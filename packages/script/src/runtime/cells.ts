import type { CheckedGlobal, LinearBuckets, Statistic } from '../program/checked.ts';
import type { StatsShare } from '../program/wire.ts';
import { tellNumber } from './keys.ts';
import { drawLinear, drawLog2, linearBucket, linearCount, log2Bucket, log2Buckets } from './histogram.ts'; // prettier-ignore

const none: CheckedGlobal['buckets'] & object = { hasLog2: false };

/** What one entry adds up to. */
export interface Cell {
  /** Nothing has been added since it was emptied. */
  readonly isEmpty: boolean;
  /** Was it emptied in its place, and is kept for a body that may hold it? */
  isKept: boolean;
  empty(): void;
  /** As part of a share, which is the receiver's from here on. */
  share(): { readonly value: number | string } | { readonly stats: StatsShare };
  /** Adds a share of the same global. */
  absorb(share: { readonly value?: unknown; readonly stats?: StatsShare }): void;
}

/** A number that is only added to. */
export class SumCell implements Cell {
  value = 0;
  isKept = false;

  get isEmpty(): boolean {
    return this.value === 0;
  }

  empty(): void {
    this.value = 0;
    this.isKept = true;
  }

  share(): { readonly value: number | string } {
    return { value: tellNumber(this.value) };
  }

  absorb({ value }: { readonly value?: unknown }): void {
    if (value !== undefined) this.value += Number(value);
  }
}

/** Statistics of the values of one entry. */
export class StatsCell implements Cell {
  count = 0;
  sum = 0;
  min: number = Number.POSITIVE_INFINITY;
  max: number = Number.NEGATIVE_INFINITY;
  isKept = false;
  readonly log2: Float64Array | undefined;
  readonly linear: Float64Array | undefined;
  readonly #buckets: LinearBuckets | undefined;

  constructor({ buckets: { hasLog2, linear } = none }: Pick<CheckedGlobal, 'buckets'>) {
    this.log2 = hasLog2 ? new Float64Array(log2Buckets) : undefined;
    this.#buckets = linear;
    this.linear = linear === undefined ? undefined : new Float64Array(linearCount(linear));
  }

  // A body that was interrupted between the sum and the buckets has its bucket in the next share.
  get isEmpty(): boolean {
    return this.count === 0 && isZero(this.log2) && isZero(this.linear);
  }

  empty(): void {
    this.count = 0;
    this.sum = 0;
    this.min = Number.POSITIVE_INFINITY;
    this.max = Number.NEGATIVE_INFINITY;
    this.log2?.fill(0);
    this.linear?.fill(0);
    this.isKept = true;
  }

  /** @param value - finite */
  add(value: number): void {
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (this.log2 !== undefined) count(this.log2, log2Bucket(value), 1);
    if (this.linear !== undefined && this.#buckets !== undefined) {
      count(this.linear, linearBucket(this.#buckets, value), 1);
    }
  }

  statistic(name: Statistic): number | string | undefined {
    switch (name) {
      case 'count':
        return this.count;
      case 'sum':
        return this.sum;
      case 'avg':
        return this.count === 0 ? undefined : this.sum / this.count;
      case 'min':
        return this.count === 0 ? undefined : this.min;
      case 'max':
        return this.count === 0 ? undefined : this.max;
      case 'hist':
        return drawLog2(this.log2);
      case 'lhist':
      default:
        return this.#buckets === undefined ? '' : drawLinear(this.linear, this.#buckets);
    }
  }

  share(): { readonly stats: StatsShare } {
    const { count: total, sum, min, max } = this;
    const base = { count: total, sum, min, max, buckets: pack(this.log2) };
    return { stats: this.linear === undefined ? base : { ...base, linear: pack(this.linear) } };
  }

  absorb({ stats }: { readonly stats?: StatsShare }): void {
    if (stats === undefined) return;
    this.count += stats.count;
    this.sum += stats.sum;
    // Of no values JSON has neither.
    if (stats.count > 0 && stats.min < this.min) this.min = stats.min;
    if (stats.count > 0 && stats.max > this.max) this.max = stats.max;
    unpack(stats.buckets, this.log2);
    unpack(stats.linear, this.linear);
  }
}

/** Rough bytes of what a cell has beside its entry. */
export function cellBytes({ buckets: { hasLog2, linear } = none, value }: CheckedGlobal): number {
  if (value !== 'stats') return 0;
  const bytes = 64 + (hasLog2 ? 150 + log2Buckets * 8 : 0);
  return linear === undefined ? bytes : bytes + 150 + linearCount(linear) * 8;
}

function count(counts: Float64Array, bucket: number, by: number): void {
  counts[bucket] = (counts[bucket] ?? 0) + by;
}

function isZero(counts: Float64Array | undefined): boolean {
  for (let bucket = 0; bucket < (counts?.length ?? 0); bucket++) {
    if (counts?.[bucket] !== 0) return false;
  }
  return true;
}

type Sparse = readonly (readonly [bucket: number, count: number])[];

function pack(counts: Float64Array | undefined): Sparse {
  const sparse: [number, number][] = [];
  for (let bucket = 0; bucket < (counts?.length ?? 0); bucket++) {
    const n = counts?.[bucket] ?? 0;
    if (n !== 0) sparse[sparse.length] = [bucket, n];
  }
  return sparse;
}

function unpack(sparse: Sparse | undefined, counts: Float64Array | undefined): void {
  if (sparse === undefined || counts === undefined) return;
  for (let i = 0; i < sparse.length; i++) {
    const pair = sparse[i];
    if (pair !== undefined && pair[0] < counts.length) count(counts, pair[0], pair[1]);
  }
}
