import { compilePattern, type EventTypeDescriptor, isExactPattern } from '@extension-events/core';
import type { Catalogue } from '@extension-events/script';
import type { TargetConnection } from '@extension-events/session';
import { say } from './output.ts';
import { describeUnreadable, findPlugins, loadProducers, type Plugin } from './plugins.ts';

/**
 * The event types that a script can probe: those of the process, and what installed producers could
 * post there. Names under a scheme, of which there are thousands, are looked up one by one.
 *
 * @param connection - left out: no process is looked at, and what it posts by itself is unknown
 */
export async function catalogueFor(
  patterns: readonly string[],
  connection: TargetConnection | undefined,
): Promise<Catalogue> {
  const types = new Map<string, EventTypeDescriptor>();
  const add = (found: readonly EventTypeDescriptor[]): void => {
    for (const type of found) types.set(type.name, type);
  };
  for (const plugin of findPlugins()) add(await typesOf(plugin, patterns, connection?.pid));
  if (connection !== undefined) {
    for (const pattern of patterns) if (pattern.includes(':')) await connection.refreshEventTypes(pattern); // prettier-ignore
    add(connection.eventTypes.map(({ descriptor }) => descriptor));
  }
  return {
    names: () => [...types.keys()],
    find: (pattern) => {
      const only = isExactPattern(pattern) ? types.get(pattern) : undefined;
      if (only !== undefined) return [only];
      const matches = compilePattern(pattern);
      return [...types.values()].filter(({ name }) => matches(name));
    },
  };
}

async function typesOf(
  plugin: Plugin,
  patterns: readonly string[],
  pid: number | undefined,
): Promise<EventTypeDescriptor[]> {
  if (plugin.role !== 'producer') return [];
  const asked = patterns.filter((pattern) => plugin.schemes.some((scheme) => pattern.startsWith(`${scheme}:`))); // prettier-ignore
  try {
    const types: EventTypeDescriptor[] = [];
    for (const module of await loadProducers(plugin)) {
      types.push(...module.eventTypes);
      for (const pattern of asked) types.push(...((await module.catalogue?.(pattern, pid)) ?? []));
    }
    return types;
  } catch (error) {
    say(describeUnreadable(plugin, error));
    return [];
  }
}
