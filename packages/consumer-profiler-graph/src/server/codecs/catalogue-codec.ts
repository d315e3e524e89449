import type { CatalogueEntry } from '../../graph-types.ts';
import type { Codec } from './codec.ts';
import { listCodec, type ListDelta } from './list-codec.ts';

/** Name, then the numbers that change all the time; `null` stands for an unknown rate. */
type Live = readonly [name: string, perSecond: number | null, heard: number, lost: number, listeners: number]; // prettier-ignore

export interface CatalogueDelta extends ListDelta<CatalogueEntry> {
  readonly live: readonly Live[];
}

const list = listCodec<CatalogueEntry>(({ name }) => name);

/** What an event type is changes rarely, its numbers at each look: only these are sent again. */
export const catalogueCodec: Codec<readonly CatalogueEntry[], CatalogueDelta> = {
  diff(before, now) {
    const old = new Map((before ?? []).map((entry) => [entry.name, entry]));
    const quiet = now.map((entry) => withNumbersOf(entry, old.get(entry.name)));
    const delta = list.diff(before, quiet);
    const renewed = new Set(delta?.set.map(({ name }) => name));
    const live = now
      .filter((entry) => renewed.has(entry.name) || hasOtherNumbers(entry, old.get(entry.name)))
      .map(toLive);
    if (delta === undefined && live.length === 0) return undefined;
    return { set: delta?.set ?? [], gone: delta?.gone ?? [], live };
  },

  apply(before, { live, ...delta }) {
    const numbers = new Map(live.map((one) => [one[0], one]));
    return list.apply(before, delta).map((entry) => {
      const found = numbers.get(entry.name);
      if (found === undefined) return entry;
      const [, perSecond, heard, lost, listeners] = found;
      const { perSecond: _old, ...rest } = entry;
      return { ...rest, heard, lost, listeners, ...(perSecond === null ? {} : { perSecond }) };
    });
  },
};

function toLive({ heard, listeners, lost, name, perSecond }: CatalogueEntry): Live {
  return [name, perSecond ?? null, heard, lost, listeners];
}

function hasOtherNumbers(a: CatalogueEntry, b: CatalogueEntry | undefined): boolean {
  return (
    b === undefined ||
    a.perSecond !== b.perSecond ||
    a.heard !== b.heard ||
    a.lost !== b.lost ||
    a.listeners !== b.listeners
  );
}

function withNumbersOf(entry: CatalogueEntry, old: CatalogueEntry | undefined): CatalogueEntry {
  const { perSecond: _rate, ...rest } = entry;
  const rate = old?.perSecond;
  return {
    ...rest,
    heard: old?.heard ?? 0,
    lost: old?.lost ?? 0,
    listeners: old?.listeners ?? 0,
    ...(rate === undefined ? {} : { perSecond: rate }),
  };
}
