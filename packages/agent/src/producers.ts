import {
  type EventTypeDescriptor,
  ExtensionEventError,
  type Registry,
} from '@extension-events/core';
import type { V8Host } from '@extension-events/platform-v8';
import type { LoadProducerFrame } from '@extension-events/protocol';

/** What a producer's `./inject` exports as `producer`. */
interface InjectedProducer {
  readonly id: string;
  readonly placement: 'thread' | 'agent' | 'host';
  readonly eventTypes: readonly EventTypeDescriptor[];
  isSupported(): { ok: true } | { ok: false; code: string; reason: string; hint: string };
  start(registry: Registry, host: V8Host): Disposable;
}

/** The producers that were loaded into this process beside its threads. */
export class Producers {
  readonly #registry: Registry;
  readonly #host: V8Host;
  readonly #started: Map<string, { producer: InjectedProducer; running: Disposable }> = new Map();

  constructor(registry: Registry, host: V8Host) {
    this.#registry = registry;
    this.#host = host;
  }

  /**
   * Loads a producer's file and starts it; once per id.
   *
   * @throws ExtensionEventError `EE_PRODUCER_LOAD`, or the producer's own reason why it cannot work here
   */
  async load({
    producer: id = '',
    url = '',
  }: LoadProducerFrame): Promise<readonly EventTypeDescriptor[]> {
    const present = this.#started.get(id);
    if (present !== undefined) return present.producer.eventTypes;
    const producer = await importProducer(id, url);
    const support = producer.isSupported();
    if (!support.ok) throw new ExtensionEventError(support.code, support.reason, support.hint);
    const again = this.#started.get(id); // another consumer asked meanwhile
    if (again === undefined)
      this.#started.set(id, { producer, running: producer.start(this.#registry, this.#host) });
    return producer.eventTypes;
  }

  stopAll(): void {
    for (const { running } of this.#started.values()) running[Symbol.dispose]();
    this.#started.clear();
  }
}

async function importProducer(id: string, url: string): Promise<InjectedProducer> {
  try {
    const { producer } = (await import(url)) as { producer?: InjectedProducer };
    if (producer === undefined) throw new TypeError('it exports no producer');
    return producer;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ExtensionEventError('EE_PRODUCER_LOAD', `Producer ${id} could not be loaded from ${url}: ${reason}.`, 'Its ./inject must be one built, self-contained file that the traced process may read.', { cause }); // prettier-ignore
  }
}
