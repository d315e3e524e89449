import { type Level, sliceLevels } from './levels.ts';
import type { Span } from './span.ts';

/** Something that grows with events and can be added to another of its kind. */
export interface Mergeable<T> {
  /** Adds all of the other one; the other one stays as it is. */
  merge(other: T): void;
  /** Nothing more will be added for now: it may make itself small. */
  settle?(): void;
}

interface Slice<T> {
  readonly bucket: number;
  readonly value: T;
  /** Is it in the coarser levels already? */
  isRolled: boolean;
}

// Events of several threads come a little out of order: so many slices are still being filled.
const openSlices = 4;

/**
 * One aggregate for each slice of time, at every level of detail: any span of time is the sum of its
 * slices. An event is added to its finest slice alone; that is added to the coarser ones when it is
 * over.
 */
export class TimeSlices<T extends Mergeable<T>> {
  readonly #create: () => T;
  readonly #rings: readonly { readonly level: Level; readonly slices: (Slice<T> | undefined)[] }[] =
    sliceLevels.map((level) => ({ level, slices: [] }));
  readonly #finestMs: number = sliceLevels[0]?.bucketMs ?? 500;
  #newest = -1;
  #current: Slice<T> | undefined;
  /** All slices that are over, also those that are no longer kept. */
  readonly #past: T;

  constructor(create: () => T) {
    this.#create = create;
    this.#past = create();
  }

  /** Adds to whatever stands for this time. */
  at(timeMs: number, add: (value: T) => void): void {
    const bucket = Math.floor(timeMs / this.#finestMs);
    if (this.#current?.bucket === bucket && !this.#current.isRolled)
      return add(this.#current.value);
    if (bucket > this.#newest) this.#moveTo(bucket);
    const slice = this.#slice(0, bucket);
    if (slice !== undefined) {
      this.#current = slice;
      add(slice.value);
      if (!slice.isRolled) return;
    }
    // It came late: the coarser levels have its slice already.
    for (let level = 1; level < this.#rings.length; level++) {
      const coarse = this.#slice(level, this.#bucketAt(level, bucket));
      if (coarse !== undefined) add(coarse.value);
    }
    add(this.#past);
  }

  /** The open slice of this time, for many events at once; `undefined`: use `at`. */
  open(timeMs: number): T | undefined {
    const bucket = Math.floor(timeMs / this.#finestMs);
    if (this.#current?.bucket !== bucket || this.#current.isRolled) return undefined;
    return this.#current.value;
  }

  #bucketAt(level: number, finest: number): number {
    return Math.floor((finest * this.#finestMs) / (this.#rings[level]?.level.bucketMs ?? 1));
  }

  /** The slice of a bucket, made when it is new; `undefined` when it is too old to be kept. */
  #slice(level: number, bucket: number): Slice<T> | undefined {
    const ring = this.#rings[level];
    if (ring === undefined) return undefined;
    const newest = this.#bucketAt(level, this.#newest);
    if (bucket <= newest - ring.level.buckets) return undefined;
    const at = bucket % ring.level.buckets;
    const found = ring.slices[at];
    if (found?.bucket === bucket) return found;
    const slice = { bucket, value: this.#create(), isRolled: false };
    ring.slices[at] = slice;
    // Coarse slices grow by whole slices; the one before this is over, but for what comes late.
    const before = level === 0 ? undefined : ring.slices[(bucket - 1) % ring.level.buckets];
    if (before?.bucket === bucket - 1) before.value.settle?.();
    return slice;
  }

  #moveTo(bucket: number): void {
    this.#newest = bucket;
    const over = this.#rings[0]?.slices ?? [];
    for (const slice of over)
      if (slice !== undefined && !slice.isRolled && slice.bucket <= bucket - openSlices)
        this.#roll(slice);
  }

  #roll(slice: Slice<T>): void {
    slice.isRolled = true;
    for (let level = 1; level < this.#rings.length; level++)
      this.#slice(level, this.#bucketAt(level, slice.bucket))?.value.merge(slice.value);
    this.#past.merge(slice.value);
    slice.value.settle?.();
  }

  /** The sum of a span; of everything so far without one. */
  sum(span?: Span): T {
    const sum = this.#create();
    if (span !== undefined) this.visit(span, (value) => sum.merge(value));
    else {
      sum.merge(this.#past);
      for (const slice of this.#rings[0]?.slices ?? [])
        if (slice !== undefined && !slice.isRolled) sum.merge(slice.value);
    }
    return sum;
  }

  /** Visits what is kept of a span, with the bucket that it belongs to; the same one may come twice. */
  visit({ bucketMs, first, last, level }: Span, visit: (value: T, bucket: number) => void): void {
    const newest = this.#bucketAt(level, this.#newest);
    const ring = this.#rings[level];
    for (const slice of ring?.slices ?? []) {
      if (slice === undefined || slice.bucket < first || slice.bucket > last) continue;
      if (slice.bucket > newest - (ring?.level.buckets ?? 0)) visit(slice.value, slice.bucket);
    }
    if (level === 0) return;
    for (const slice of this.#rings[0]?.slices ?? []) {
      if (slice === undefined || slice.isRolled) continue;
      const bucket = Math.floor((slice.bucket * this.#finestMs) / bucketMs);
      if (bucket >= first && bucket <= last) visit(slice.value, bucket);
    }
  }

  /** Visits everything that is kept, so that it can be changed. */
  forEach(visit: (value: T) => void): void {
    visit(this.#past);
    for (const { slices } of this.#rings)
      for (const slice of slices) if (slice !== undefined) visit(slice.value);
  }
}
