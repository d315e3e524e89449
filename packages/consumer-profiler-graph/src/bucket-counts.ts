/** Room for 32 powers of two between the smallest and the largest value that are told apart. */
const maxBuckets = 2048;

/**
 * Counts by bucket number, dense between the lowest and the highest in use. When these are too far
 * apart, the lowest buckets are counted together: the large values are the interesting ones.
 */
export class BucketCounts {
  #low = 0;
  #counts: Float64Array = new Float64Array(0);

  add(bucket: number, count: number): void {
    const at = bucket - this.#low;
    if (at >= 0 && at < this.#counts.length) this.#counts[at] = (this.#counts[at] ?? 0) + count;
    else this.#addOutside(bucket, count);
  }

  #addOutside(bucket: number, count: number): void {
    const length = this.#counts.length;
    if (length === 0) this.#resize(bucket, bucket);
    else if (bucket > this.#low) {
      // Some spare, so that a field that spreads slowly is not copied for each of its values.
      const high = bucket + Math.min(length, 64);
      this.#resize(Math.max(this.#low, bucket - maxBuckets + 1), Math.min(high, Math.max(this.#low, bucket - maxBuckets + 1) + maxBuckets - 1)); // prettier-ignore
    } else {
      const high = this.#low + length - 1;
      this.#resize(Math.max(bucket - Math.min(length, 64), high - maxBuckets + 1), high);
    }
    const at = Math.max(bucket - this.#low, 0);
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
  }

  #resize(low: number, high: number): void {
    const counts = new Float64Array(high - low + 1);
    for (const [index, count] of this.#counts.entries()) {
      if (count === 0) continue;
      const at = Math.max(this.#low + index - low, 0);
      counts[at] = (counts[at] ?? 0) + count;
    }
    this.#low = low;
    this.#counts = counts;
  }

  merge(other: BucketCounts): void {
    other.forEach((bucket, count) => this.add(bucket, count));
  }

  /** Visits what is not 0, lowest first. */
  forEach(visit: (bucket: number, count: number) => void): void {
    for (const [index, count] of this.#counts.entries())
      if (count > 0) visit(this.#low + index, count);
  }

  /** Gives back the room at both ends that is not in use. */
  trim(): void {
    const first = this.#counts.findIndex((count) => count > 0);
    const last = this.#counts.findLastIndex((count) => count > 0);
    if (first > 0 || last < this.#counts.length - 1)
      this.#resize(this.#low + Math.max(first, 0), this.#low + Math.max(last, 0));
  }
}
