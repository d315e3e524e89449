import { createRequire } from 'node:module';
import { getEnvironmentData } from 'node:worker_threads';
import type { Registry } from './registry.ts';

/** Under this key a thread that is listened to leaves, for the workers that it starts, how to join. */
export const inheritanceKey = 'extension-events.inherit.v1';

/** What is left there: a CommonJS file that exports `join(registry, data)`, and its data. */
export interface Inheritance {
  readonly file: string;
  readonly data: unknown;
}

interface ThreadSideModule {
  readonly join: (registry: Registry, data: unknown) => void;
}

/** A new worker thread takes over the process-wide listens before its first post. */
export function inheritListens(registry: Registry): void {
  const left = getEnvironmentData(inheritanceKey) as Inheritance | undefined;
  if (typeof left?.file !== 'string') return;
  try {
    const { join } = createRequire(left.file)(left.file) as ThreadSideModule;
    join(registry, left.data);
  } catch {
    // The agent is gone or is another release: the worker goes on unheard until somebody listens anew.
  }
}
