import type { Level } from './levels.ts';

/** Counts in buckets of time; the oldest make room for new ones. */
export class CountRing {
  readonly #counts: Float64Array;
  /** Number of the newest bucket, counted from 1970. */
  #newest = -1;

  constructor({ buckets }: Level) {
    this.#counts = new Float64Array(buckets);
  }

  /** What lies before the oldest bucket is forgotten. */
  add(bucket: number, count: number): void {
    const size = this.#counts.length;
    if (bucket > this.#newest) {
      const from = this.#newest < 0 ? bucket : Math.max(this.#newest + 1, bucket - size + 1);
      for (let passed = from; passed <= bucket; passed++) this.#counts[passed % size] = 0;
      this.#newest = bucket;
    } else if (bucket <= this.#newest - size) return;
    const at = bucket % size;
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
  }

  get(bucket: number): number {
    const size = this.#counts.length;
    if (bucket > this.#newest || bucket <= this.#newest - size || bucket < 0) return 0;
    return this.#counts[bucket % size] ?? 0;
  }

  /** Adds all of another ring of the same level. */
  merge(other: CountRing): void {
    const size = other.#counts.length;
    for (let bucket = other.#newest - size + 1; bucket <= other.#newest; bucket++) {
      const count = other.get(bucket);
      if (count > 0) this.add(bucket, count);
    }
  }
}
