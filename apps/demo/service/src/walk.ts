import type { Bin } from './types.ts';

/** Something that lies in a bin. */
export interface Located {
  readonly bin: number;
}

/** A compare function for sorting: which of two things does a picker come past first? */
export function firstOnWalk(walk: readonly Bin[]): (left: Located, right: Located) => number {
  return function comesFirst(left, right) {
    if (left.bin === right.bin) return 0;
    for (const stop of walk) {
      if (stop.isBlocked) continue;
      if (stop.bin === left.bin) return -1;
      if (stop.bin === right.bin) return 1;
    }
    return 0;
  };
}
