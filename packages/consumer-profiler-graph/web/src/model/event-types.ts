import { computed, type ReadonlySignal } from '@preact/signals';
import type { CatalogueEntry } from '../../../src/graph-types.ts';
import { link } from '../link/the-link.ts';

const watched = link.watch({ of: 'catalogue' });
watched.hold(); // as long as the page is there

let last: readonly CatalogueEntry[] = [];

/**
 * What event types there are. Their rates change every second and are of no account here: the list
 * stays the same as long as names and fields do, and whoever reads it is left alone.
 */
export const eventTypes: ReadonlySignal<readonly CatalogueEntry[]> = computed(() => {
  const now = (watched.value.value ?? []) as readonly CatalogueEntry[];
  const isSame = now.length === last.length && now.every((type, i) => type.name === last[i]?.name && type.fields === last[i].fields && type.request === last[i].request); // prettier-ignore
  if (!isSame) last = now;
  return last;
});
