import type { CatalogueEntry } from '../../../src/graph-types.ts';
import type { IncidentView } from '../../../src/server/messages.ts';
import { type Field, formatValue, visible } from '../lib/plain-value.ts';

const longest = 300;

/** The fields of the event type of an incident, by name. */
export function fieldsOfEvent(
  types: readonly CatalogueEntry[],
  event: string,
): ReadonlyMap<string, Field> {
  const type = types.find(({ name }) => name === event);
  return new Map((type?.fields ?? []).map((field) => [field.name, field]));
}

/** A payload in one line: `method=GET path=/api/cart durationNs=1.4 ms`. */
export function summarize(
  { event, payload }: IncidentView,
  types: readonly CatalogueEntry[],
): string {
  const fields = fieldsOfEvent(types, event);
  const words = Object.entries(payload)
    .filter(([name]) => fields.get(name)?.type !== 'stack')
    .map(([name, value]) => `${name}=${formatValue(value, fields.get(name))}`);
  return visible(words.join(' ').replaceAll(/\s+/g, ' ').slice(0, longest));
}
