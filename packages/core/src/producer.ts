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
  /**
   * Runs inside the traced thread, beside it in its process, or in another process. A package may
   * have a producer for each, behind its doors `./thread`, `./inject` and `./host`.
   */
  readonly placement: 'thread' | 'agent' | 'host';
  /** What it could post, readable without starting it. */
  readonly eventTypes: readonly EventTypeDescriptor[];
  /** Never throws. */
  isSupported(): Support;
  /**
   * Of a producer that provides more types than can be registered, such as one for each kernel
   * tracepoint: the schemes of their names, `tracepoint`.
   */
  readonly schemes?: readonly string[];
  /** What it could provide under its schemes that matches the pattern, in a process or anywhere. */
  catalogue?(pattern: string, pid?: number): Promise<readonly EventTypeDescriptor[]>;
  /** What a request parameter can be on this machine, and what it cannot be and why. */
  choices?(event: string, parameter: string): Promise<readonly Choice[]>;
  /** Registers exactly {@link eventTypes}; disposing undoes everything. */
  start(registry: Registry, host: Host): RunningProducer;
}

/** One value of a request parameter. */
export interface Choice {
  readonly value: string;
  readonly isPossible: boolean;
  /** What it means, or why it cannot be had here and what comes nearest. */
  readonly detail: string;
}

/** A started producer. */
export interface RunningProducer extends Disposable {
  /**
   * Registers the one named type of its schemes, unless it has done so already.
   *
   * @throws ExtensionEventError when there is no such thing, with similar names as the hint
   */
  provide?(name: string): void | Promise<void>;
  /**
   * Somebody asks for names under its schemes by a pattern with wildcards: registers those that it
   * finds now. Of producers beside their threads; names that appear later, it registers by itself.
   */
  discover?(pattern: string): void | Promise<void>;
}
