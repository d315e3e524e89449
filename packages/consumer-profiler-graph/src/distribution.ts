import { BucketCounts } from './bucket-counts.ts';
import { bucketOf, middleOf } from './log-linear.ts';
import type { Mergeable } from './time-slices.ts';

/** How numbers are spread; numbers that are not finite are left out. Quantiles are within 1 %. */
export class Distribution implements Mergeable<Distribution> {
  count = 0;
  sum = 0;
  min: number = Number.POSITIVE_INFINITY;
  max: number = Number.NEGATIVE_INFINITY;
  zeros = 0;
  readonly positive: BucketCounts = new BucketCounts();
  /** By what they are without their sign. */
  readonly negative: BucketCounts = new BucketCounts();

  add(value: number): void {
    if (value > 0) {
      if (value === Number.POSITIVE_INFINITY) return;
      this.positive.add(bucketOf(value), 1);
    } else if (value < 0) {
      if (value === Number.NEGATIVE_INFINITY) return;
      this.negative.add(bucketOf(-value), 1);
    } else if (value === 0) this.zeros++;
    else return;
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  merge(other: Distribution): void {
    this.count += other.count;
    this.sum += other.sum;
    this.zeros += other.zeros;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
    this.positive.merge(other.positive);
    this.negative.merge(other.negative);
  }

  settle(): void {
    this.positive.trim();
    this.negative.trim();
  }

  /** The values in rising order, as runs of equal ones. */
  #runs(): [value: number, count: number][] {
    const below: [number, number][] = [];
    this.negative.forEach((bucket, count) => below.push([-middleOf(bucket), count]));
    const runs = below.toReversed();
    if (this.zeros > 0) runs.push([0, this.zeros]);
    this.positive.forEach((bucket, count) => runs.push([middleOf(bucket), count]));
    return runs;
  }

  /** The values at these quantiles (0 to 1), by nearest rank; `undefined` of nothing. */
  quantiles(at: readonly number[]): (number | undefined)[] {
    const runs = this.#runs();
    return at.map((quantile) => {
      let rank = Math.max(Math.ceil(quantile * this.count), 1);
      for (const [value, count] of runs) {
        rank -= count;
        if (rank <= 0) return Math.min(Math.max(value, this.min), this.max);
      }
      return undefined;
    });
  }
}
