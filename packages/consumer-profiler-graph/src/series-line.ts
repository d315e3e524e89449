import { CountRing } from './count-ring.ts';
import { seriesLevels } from './levels.ts';
import type { Span } from './span.ts';

const [finest] = seriesLevels;
const finestMs = finest?.bucketMs ?? 500;

/** One line of a series, at every level of detail. */
export class SeriesLine {
  readonly key: string;
  readonly label: string;
  readonly #rings: readonly CountRing[] = seriesLevels.map((level) => new CountRing(level));
  /** Events of one bucket come together: they are counted here until the next bucket. */
  #bucket = -1;
  #waiting = 0;

  constructor(key: string, label: string) {
    this.key = key;
    this.label = label;
  }

  /** Start of the newest bucket, in milliseconds since 1970. */
  get latestMs(): number {
    return this.#bucket * finestMs;
  }

  add(timeMs: number, count = 1): void {
    const bucket = Math.floor(timeMs / finestMs);
    if (bucket !== this.#bucket) {
      this.#flush();
      this.#bucket = bucket;
    }
    this.#waiting += count;
  }

  #flush(): void {
    if (this.#waiting === 0) return;
    const timeMs = this.#bucket * finestMs;
    for (const [level, ring] of this.#rings.entries())
      ring.add(Math.floor(timeMs / (seriesLevels[level]?.bucketMs ?? 1)), this.#waiting);
    this.#waiting = 0;
  }

  counts({ first, last, level }: Span): number[] {
    this.#flush();
    const ring = this.#rings[level];
    const counts: number[] = [];
    for (let bucket = first; bucket <= last; bucket++) counts.push(ring?.get(bucket) ?? 0);
    return counts;
  }

  merge(other: SeriesLine): void {
    this.#flush();
    other.#flush();
    for (const [level, ring] of this.#rings.entries()) {
      const theirs = other.#rings[level];
      if (theirs !== undefined) ring.merge(theirs);
    }
  }
}
