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
    // Some spare, so that a field that spreads slowly is not copied for each of its values.
    const spare = Math.min(this.#counts.length, 64);
    this.#cover(bucket - (bucket < this.#low ? spare : 0), bucket + spare);
    const at = Math.max(bucket - this.#low, 0);
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
  }

  /** Makes room from one bucket to another, as far as there may be room. */
  #cover(from: number, to: number): void {
    const isEmpty = this.#counts.length === 0;
    const high = isEmpty ? to : Math.max(to, this.#low + this.#counts.length - 1);
    const low = Math.max(isEmpty ? from : Math.min(from, this.#low), high - maxBuckets + 1);
    if (low !== this.#low || high - low + 1 !== this.#counts.length) this.#resize(low, high);
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
    const length = other.#counts.length;
    if (length === 0) return;
    this.#cover(other.#low, other.#low + length - 1);
    for (let index = 0; index < length; index++) {
      const count = other.#counts[index] ?? 0;
      if (count === 0) continue;
      const at = Math.max(other.#low + index - this.#low, 0);
      this.#counts[at] = (this.#counts[at] ?? 0) + count;
    }
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
