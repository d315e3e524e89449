import type { CatalogueEntry } from '@extension-events/consumer-profiler-graph';

/** The two fields of an event type that say most about its events. */
export interface MainFields {
  readonly number?: string;
  readonly text?: string;
}

const numbers = /^(?:[uif]\d+)$/;
/** Numbers that name something, and measure nothing. */
const names = /(?:^|[a-z])(?:id|Id|pid|tid|fd|port|Port|pc|line|Line|column|Column)$/;
const units = ['ns', 'us', 'ms', 's', 'By'];

/** A duration before a size, before any other number with a unit, before any number. */
export function findMainFields({ fields }: Pick<CatalogueEntry, 'fields'>): MainFields {
  const shown = fields.filter(({ detail }) => detail !== true);
  const [number] = shown
    .filter((field) => numbers.test(field.type) && Number.isFinite(rank(field)))
    .toSorted((a, b) => rank(a) - rank(b));
  const text = shown.find(({ type }) => type === 'string');
  return {
    ...(number !== undefined && { number: number.name }),
    ...(text !== undefined && { text: text.name }),
  };
}

/** Smaller for what says more. */
function rank({ name, unit = '' }: CatalogueEntry['fields'][number]): number {
  const known = units.indexOf(unit);
  if (known >= 0) return known;
  if (unit !== '') return units.length;
  return names.test(name) ? Number.POSITIVE_INFINITY : units.length + 1;
}
