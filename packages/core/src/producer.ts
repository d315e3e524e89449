import type { Registry } from './registry.ts';
import type { EventTypeDescriptor } from './types.ts';

/** Can a producer work on this machine? If not: why, and what to do about it. */
export type Support =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly reason: string; readonly hint: string };

/**
 * What a producer package's factory returns: plain data and two functions. Making one does nothing.
 *
 * `./testing` has the contract suite that every producer runs.
 */
export interface Producer<Host = unknown> {
  readonly id: string;
  /** One sentence. */
  readonly description: string;
  /** Runs inside the traced thread, beside it in its process, or in another process. */
  readonly placement: 'thread' | 'agent' | 'host';
  /** What it could post, readable without starting it. */
  readonly eventTypes: readonly EventTypeDescriptor[];
  /** Never throws. */
  isSupported(): Support;
  /** Registers exactly {@link eventTypes}; disposing undoes everything. */
  start(registry: Registry, host: Host): Disposable;
}
