import type { EventTypeDescriptor } from '@extension-events/core';
import type { TypeInfo } from '@extension-events/protocol';
import type { Side } from './target-connection.ts';

/** The types of one side, and how its threads are called in the joined connection. */
export interface SideTypes {
  readonly types: readonly TypeInfo[];
  keyOf(sideKey: number): number;
}

/**
 * One name space over both sides, each name once. What could be posted, were it asked for, is in it
 * too, with no threads.
 */
export function joinTypes(
  sides: Readonly<Partial<Record<Side, SideTypes>>>,
  promised: readonly EventTypeDescriptor[],
): TypeInfo[] {
  const merged = new Map<string, TypeInfo>();
  for (const descriptor of promised)
    merged.set(descriptor.name, { descriptor, threads: [], listeners: 0, heard: 0 });
  // The agent's descriptor stands where both have the name: it comes last.
  for (const side of [sides.host, sides.agent]) {
    for (const { descriptor, threads, listeners, heard } of side?.types ?? []) {
      const keys = threads.map((key) => side?.keyOf(key) ?? key);
      const present = merged.get(descriptor.name);
      merged.set(descriptor.name, {
        descriptor,
        threads: [...(present?.threads ?? []), ...keys],
        listeners: Math.max(present?.listeners ?? 0, listeners),
        heard: (present?.heard ?? 0) + heard,
      });
    }
  }
  return [...merged.values()].toSorted((a, b) => (a.descriptor.name < b.descriptor.name ? -1 : 1));
}
