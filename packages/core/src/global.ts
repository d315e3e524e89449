import { readlinkSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { ExtensionEventError } from './errors.ts';
import { layoutVersion } from './flags.ts';
import { inheritListens } from './inherit.ts';
import { Registry } from './registry.ts';

const key = Symbol.for('extension-events.core.v1');

/**
 * The registry of this thread, made at the first call; every copy of core finds the same one.
 *
 * @throws ExtensionEventError `EE_CORE_MISMATCH` when another copy's layout is not this one's
 */
export function getRegistry(): Registry {
  const holder = globalThis as { [key]?: Registry };
  const present = holder[key] ?? createRegistry(holder);
  if (present?.layout === layoutVersion) return present;
  throw new ExtensionEventError(
    'EE_CORE_MISMATCH',
    `This thread has a registry of layout ${String(present?.layout)}; this copy of @extension-events/core needs ${layoutVersion}.`,
    'Install one version of @extension-events/core: see npm ls @extension-events/core.',
  );
}

// An agent comes into a thread by interrupt, between any two calls: it may have made one meanwhile.
function createRegistry(holder: { [key]?: Registry }): Registry | undefined {
  const registry = new Registry(
    { tid: linuxTid(), threadId },
    threadId === 0 ? 'main' : `worker ${threadId}`,
  );
  if (!Reflect.defineProperty(holder, key, { value: registry, enumerable: false }))
    return holder[key];
  inheritListens(registry);
  return registry;
}

/** The Linux number of this thread; 0 where /proc does not tell. */
function linuxTid(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return 0;
  }
}
