import { signal, type Signal } from '@preact/signals';
import type { Series } from '../../../src/graph-types.ts';

/** The moment under the pointer, in whichever chart it is; all charts show it. */
export const hoveredMs: Signal<number | undefined> = signal<number | undefined>(undefined);

export function hovered({ bucketMs, startMs }: Series, index: number | undefined): void {
  hoveredMs.value = index === undefined ? undefined : startMs + index * bucketMs;
}

/** The bucket of a series at that moment. */
export function bucketAt({ bucketMs, lost, startMs }: Series, timeMs: number): number | undefined {
  const index = Math.floor((timeMs - startMs) / bucketMs);
  return index >= 0 && index < lost.length ? index : undefined;
}
