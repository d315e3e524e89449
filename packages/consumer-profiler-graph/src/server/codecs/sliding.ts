interface Buckets {
  readonly startMs: number;
  readonly bucketMs: number;
}

/** By how many buckets a window has moved on; `undefined` when it is another window. */
export function shiftBetween(before: Buckets, now: Buckets): number | undefined {
  if (before.bucketMs !== now.bucketMs) return undefined;
  const shift = (now.startMs - before.startMs) / now.bucketMs;
  return Number.isInteger(shift) && shift >= 0 ? shift : undefined;
}

/** How many buckets at the start of a window that has moved are as they were. */
export function keptLength<T>(
  before: readonly T[],
  now: readonly T[],
  shift: number,
  isSame: (a: T, b: T) => boolean = Object.is,
): number {
  let length = 0;
  while (length < now.length && length + shift < before.length) {
    if (!isSame(before[length + shift] as T, now[length] as T)) break;
    length++;
  }
  return length;
}

/** Moves a window on and puts the new end on it. */
export function sliding(
  shift: number,
  keep: number,
): <T>(before: readonly T[], tail: readonly T[]) => T[] {
  return (before, tail) => [...before.slice(shift, shift + keep), ...tail];
}
