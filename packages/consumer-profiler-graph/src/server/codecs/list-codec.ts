import { type Codec, isSame } from './codec.ts';

/** Entries that are new or different, and keys of those that are gone. */
export interface ListDelta<T> {
  readonly set: readonly T[];
  readonly gone: readonly (string | number)[];
}

/** A list whose entries have keys, and whose order follows from them. */
export function listCodec<T>(
  keyOf: (entry: T) => string | number,
): Codec<readonly T[], ListDelta<T>> {
  const byKey = (list: readonly T[]): Map<string | number, T> =>
    new Map(list.map((entry) => [keyOf(entry), entry]));
  return {
    diff(before, now) {
      const old = byKey(before ?? []);
      const keys = new Set(now.map(keyOf));
      const set = now.filter((entry) => !isSame(old.get(keyOf(entry)), entry));
      const gone = [...old.keys()].filter((key) => !keys.has(key));
      return before !== undefined && set.length === 0 && gone.length === 0
        ? undefined
        : { set, gone };
    },

    apply(before, { gone, set }) {
      const entries = byKey(before ?? []);
      for (const key of gone) entries.delete(key);
      for (const entry of set) entries.set(keyOf(entry), entry);
      return [...entries.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    },
  };
}
