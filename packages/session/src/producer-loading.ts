import {
  compilePattern,
  type EventTypeDescriptor,
  type ExtensionEventError,
  isExactPattern,
} from '@extension-events/core';
import type { ProducerSource } from './connection.ts';

interface Entry {
  readonly source: ProducerSource;
  loading: Promise<void> | undefined;
  refusal: ExtensionEventError | undefined;
}

/**
 * Brings producers into one process: those that stand beside its threads at once, those that run
 * inside them when somebody first asks for one of their names.
 */
export class ProducerLoading {
  readonly #entries: Entry[];
  readonly #load: (source: ProducerSource) => Promise<unknown>;
  readonly #onRefused: (id: string, error: ExtensionEventError) => void;

  constructor(
    sources: readonly ProducerSource[],
    load: (source: ProducerSource) => Promise<unknown>,
    onRefused: (id: string, error: ExtensionEventError) => void,
  ) {
    this.#entries = sources.map((source) => ({ source, loading: undefined, refusal: undefined }));
    this.#load = load;
    this.#onRefused = onRefused;
  }

  /** Loads what touches none of the program's threads. */
  async loadQuiet(): Promise<void> {
    for (const entry of this.#entries)
      if (entry.source.threadUrl === undefined) await this.#ensure(entry);
  }

  get promisedTypes(): readonly EventTypeDescriptor[] {
    const waiting = this.#entries.filter(({ loading }) => loading === undefined);
    return waiting.flatMap(({ source }) => source.eventTypes ?? []);
  }

  isPostedInside(name: string): boolean {
    return this.#entries.some(({ refusal, source: { eventTypes = [], threadUrl } }) =>
      refusal === undefined && threadUrl !== undefined && eventTypes.some((type) => type.name === name)); // prettier-ignore
  }

  mayProvide(name: string): boolean {
    const matches = compilePattern(name);
    return this.#entries.some(
      ({ refusal, source }) => refusal === undefined && mayPost(source, name, matches),
    );
  }

  /**
   * Loads what may post events of these names.
   *
   * @throws ExtensionEventError why the producer of this very name cannot work here
   */
  async provideFor(pattern: string): Promise<void> {
    const matches = compilePattern(pattern);
    for (const entry of this.#entries) {
      if (!mayPost(entry.source, pattern, matches)) continue;
      await this.#ensure(entry);
      if (entry.refusal !== undefined && isExactPattern(pattern)) throw entry.refusal;
    }
  }

  #ensure(entry: Entry): Promise<void> {
    entry.loading ??= this.#start(entry);
    return entry.loading;
  }

  // A producer that does not fit this process leaves its event types out of the name space.
  async #start(entry: Entry): Promise<void> {
    try {
      await this.#load(entry.source);
    } catch (error) {
      entry.refusal = error as ExtensionEventError;
      this.#onRefused(entry.source.id, entry.refusal);
    }
  }
}

function mayPost(
  { eventTypes = [], schemes = [] }: ProducerSource,
  pattern: string,
  matches: (name: string) => boolean,
): boolean {
  const scheme = /^([^:]+):/.exec(pattern)?.[1];
  if (scheme !== undefined && schemes.includes(scheme)) return true;
  return eventTypes.some(({ name }) => matches(name));
}
