/** Buckets of one length, so many of them: what a level of detail keeps. */
export interface Level {
  readonly bucketMs: number;
  readonly buckets: number;
}

// Each keeps a few more than its round span, for the range that begins within a bucket.

/** Of counts: a minute of half seconds, five minutes of 2 s, 15 of 5 s, an hour of 30 s, twelve of 60 s. */
export const seriesLevels: readonly Level[] = [
  { bucketMs: 500, buckets: 124 },
  { bucketMs: 2000, buckets: 154 },
  { bucketMs: 5000, buckets: 184 },
  { bucketMs: 30_000, buckets: 124 },
  { bucketMs: 60_000, buckets: 724 },
];

/** Of what is larger than a count: distributions, top values, stacks. Each length divides the next. */
export const sliceLevels: readonly Level[] = [
  { bucketMs: 500, buckets: 124 },
  { bucketMs: 5000, buckets: 184 },
  { bucketMs: 60_000, buckets: 724 },
];

/** The finest level that still has what happened `backMs` ago, else the coarsest. */
export function chooseLevel(levels: readonly Level[], backMs: number): number {
  const index = levels.findIndex(({ bucketMs, buckets }) => (buckets - 2) * bucketMs >= backMs);
  return index === -1 ? levels.length - 1 : index;
}
