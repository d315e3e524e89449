/**
 * Tells what changed of a value, and puts it together again at the other side. Pure, the same file
 * on both sides: `apply(before, diff(before, now))` is what the page shows as `now`.
 */
export interface Codec<T, D> {
  /** `undefined` when there is nothing to tell. */
  diff(before: T | undefined, now: T): D | undefined;
  apply(before: T | undefined, delta: D): T;
}

/** For small values: all of it, whenever something in it is different. */
export const wholeCodec: Codec<unknown, unknown> = {
  diff: (before, now) => (isSame(before, now) ? undefined : now),
  apply: (_before, delta) => delta,
};

/** Are two plain values the same, for whoever reads them as JSON? */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
