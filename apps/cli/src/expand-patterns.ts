import { isExactPattern } from '@extension-events/core';
import { usageError } from './output.ts';
import { findPlugins, loadProducers } from './plugins.ts';

/** Each is a listen of its own: a host records for 32 at once. */
const most = 24;

/**
 * Writes patterns out whose scheme belongs to a catalogue, such as `tracepoint:sock:*`: those types
 * are armed one by one, by their full names. Other patterns stay as they are.
 *
 * @throws ExtensionEventError `EE_USAGE` when nothing matches, or too much
 */
export async function expandPatterns(
  patterns: readonly string[],
  pid: number,
): Promise<readonly string[]> {
  const names: string[] = [];
  for (const pattern of patterns) names.push(...(await expand(pattern, pid)));
  return names;
}

async function expand(pattern: string, pid: number): Promise<readonly string[]> {
  if (isExactPattern(pattern)) return [pattern];
  const scheme = pattern.slice(0, Math.max(0, pattern.indexOf(':')));
  // What runs inside the threads registers its names there, and hears wildcards by itself.
  const plugin = findPlugins().find(
    ({ schemes, thread }) => thread === undefined && schemes.includes(scheme),
  );
  if (plugin === undefined) return [pattern];
  const modules = await loadProducers(plugin);
  const found = await Promise.all(
    modules.map(async (module) => (await module.catalogue?.(pattern, pid)) ?? []),
  );
  const names = found.flat().map(({ name }) => name);
  if (names.length > 0 && names.length <= most) return names;
  throw usageError(
    `${pattern} stands for ${names.length} event types, and ${most} can be heard at once.`,
    `Give a narrower pattern or full names; extev events ${pid} '${pattern}' lists them.`,
  );
}
