import { isExactPattern } from '@extension-events/core';
import type { Sides } from '@extension-events/session';
import type { Plugin } from './plugin-manifest.ts';

/**
 * Which sides of a process these patterns need: nothing is injected into a Node.js process for the
 * sake of events that only a host beside it can post.
 */
export function sidesFor(patterns: readonly string[], plugins: readonly Plugin[]): Sides {
  const fromHosts = plugins.filter(
    ({ host, inject, thread }) => host !== undefined && (inject ?? thread) === undefined,
  );
  const isHosts = (pattern: string): boolean =>
    isExactPattern(pattern) &&
    fromHosts.some(
      ({ events, schemes }) =>
        events.includes(pattern) || schemes.some((scheme) => pattern.startsWith(`${scheme}:`)),
    );
  return patterns.length > 0 && patterns.every((pattern) => isHosts(pattern)) ? 'host' : 'auto';
}
