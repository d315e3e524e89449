import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  type EventTypeDescriptor,
  ExtensionEventError,
  type Producer,
} from '@extension-events/core';
import type { LoadProducerFrame } from '@extension-events/protocol';
import type { ThreadProducerText } from './thread-link.ts';
import type { ThreadTable } from './thread-table.ts';
import { within } from './within.ts';

interface Loaded extends ThreadProducerText {
  readonly eventTypes: readonly EventTypeDescriptor[];
}

/** The producers that are to run in every thread: their files, and bringing them there. */
export class ThreadProducerFiles {
  readonly #threads: ThreadTable;
  readonly #loaded: Map<string, Loaded> = new Map();

  constructor(threads: ThreadTable) {
    this.#threads = threads;
  }

  /** What threads that join from now on are to load. */
  get all(): readonly ThreadProducerText[] {
    return [...this.#loaded.values()];
  }

  /**
   * Starts a producer in every thread, once; threads inside a blocking call start it after that.
   *
   * @throws ExtensionEventError `EE_PRODUCER_LOAD`, or what the producer says against this process
   */
  async load({
    producer: id = '',
    url = '',
  }: LoadProducerFrame): Promise<readonly EventTypeDescriptor[]> {
    const present = this.#loaded.get(id);
    if (present !== undefined) return present.eventTypes;
    const loaded = await read(id, url);
    this.#loaded.set(id, loaded);
    const links = this.#threads.reachable.flatMap(({ link }) => link ?? []);
    const refusals = await Promise.all(links.map((link) => within(link.load(loaded))));
    const refusal = refusals.find((each) => each !== undefined);
    if (refusal === undefined) return loaded.eventTypes;
    this.#loaded.delete(id);
    throw new ExtensionEventError(refusal.code, refusal.message, refusal.hint);
  }

  /** The last consumer has left: the threads have undone all. */
  clear(): void {
    this.#loaded.clear();
  }
}

// Importing it in here does nothing, and shows what it is before any thread of the program does it.
async function read(id: string, url: string): Promise<Loaded> {
  try {
    const file = fileURLToPath(url);
    const source = await readFile(file, 'utf8');
    const { producer } = (await import(url)) as { producer?: Producer };
    if (producer?.placement !== 'thread') throw new TypeError('it exports no producer for threads');
    return { id, file, source, eventTypes: producer.eventTypes };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ExtensionEventError('EE_PRODUCER_LOAD', `Producer ${id} could not be loaded from ${url}: ${reason}.`, 'Its ./thread must be one built, self-contained CommonJS file that the traced process may read.', { cause }); // prettier-ignore
  }
}
