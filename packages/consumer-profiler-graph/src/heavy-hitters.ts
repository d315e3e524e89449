import type { Mergeable } from './time-slices.ts';

/** A value as it is counted: what a field may hold, bytes as hex. */
export type CountedValue = string | number | bigint | boolean;

interface Counter {
  /** Never too low. */
  count: number;
  /** By so much at most it is too high. */
  error: number;
}

/**
 * The most frequent values in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi 2005) in its
 * mergeable form (Agarwal et al., Mergeable Summaries, 2012). Up to twice `capacity` values have
 * counters; then those with the smallest counts go, all at once. What is not counted any more has
 * been seen at most `floor` times, and a value that comes (again) starts from there.
 *
 * No error is larger than count / capacity, also after merging.
 */
export class HeavyHitters implements Mergeable<HeavyHitters> {
  readonly #capacity: number;
  readonly #counters: Map<CountedValue, Counter> = new Map();
  #floor = 0;
  count = 0;

  constructor(capacity = 100) {
    this.#capacity = capacity;
  }

  add(value: CountedValue, times = 1): void {
    this.count += times;
    const counter = this.#counters.get(value);
    if (counter !== undefined) {
      counter.count += times;
      return;
    }
    this.#counters.set(value, { count: this.#floor + times, error: this.#floor });
    if (this.#counters.size > this.#capacity * 2) this.#prune();
  }

  #prune(): void {
    if (this.#counters.size <= this.#capacity) return;
    const counts = Float64Array.from(this.#counters.values(), ({ count }) => count).toSorted();
    const floor = counts[counts.length - 1 - this.#capacity] ?? 0;
    for (const [value, { count }] of this.#counters)
      if (count <= floor) this.#counters.delete(value);
    this.#floor = Math.max(this.#floor, floor);
  }

  merge(other: HeavyHitters): void {
    this.count += other.count;
    // What one side has no counter of was seen there at most so often as its floor says.
    for (const [value, mine] of this.#counters) {
      const theirs = other.#counters.get(value);
      mine.count += theirs?.count ?? other.#floor;
      mine.error += theirs?.error ?? other.#floor;
    }
    for (const [value, { count, error }] of other.#counters)
      if (!this.#counters.has(value))
        this.#counters.set(value, { count: count + this.#floor, error: error + this.#floor });
    this.#floor += other.#floor;
    if (this.#counters.size > this.#capacity * 2) this.#prune();
  }

  settle(): void {
    this.#prune();
  }

  /** The most frequent, most first. */
  top(
    limit: number,
  ): { readonly value: CountedValue; readonly count: number; readonly error: number }[] {
    // prettier-ignore
    return Array.from(this.#counters, ([value, { count, error }]) => ({ value, count, error }))
      .toSorted((a, b) => b.count - a.count || a.error - b.error)
      .slice(0, limit);
  }
}
