import { type EventTypeDescriptor, ExtensionEventError, type Producer, type Registry, type RunningProducer } from '@extension-events/core'; // prettier-ignore
import type { LoadProducerFrame } from '../frames.ts';

interface Started<Host> {
  readonly producer: Producer<Host>;
  readonly running: RunningProducer;
}

/** The producers that were loaded into this process, which post about others. */
export class Producers<Host> {
  readonly #registry: Registry;
  readonly #host: Host;
  readonly #file: string;
  readonly #started: Map<string, Started<Host>> = new Map();

  /** @param file - what a producer's file must be, for the hint when it cannot be loaded */
  constructor(registry: Registry, host: Host, file: string) {
    this.#registry = registry;
    this.#host = host;
    this.#file = file;
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
    const producer = await this.#import(id, url);
    const support = producer.isSupported();
    if (!support.ok) throw new ExtensionEventError(support.code, support.reason, support.hint);
    const again = this.#started.get(id); // another consumer asked meanwhile
    if (again === undefined)
      this.#started.set(id, { producer, running: producer.start(this.#registry, this.#host) });
    return producer.eventTypes;
  }

  async #import(id: string, url: string): Promise<Producer<Host>> {
    try {
      const { producer } = (await import(url)) as { producer?: Producer<Host> };
      if (producer === undefined) throw new TypeError('it exports no producer');
      return producer;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ExtensionEventError('EE_PRODUCER_LOAD', `Producer ${id} could not be loaded from ${url}: ${reason}.`, this.#file, { cause }); // prettier-ignore
    }
  }

  /**
   * Has the named type registered by the producer that provides names of its scheme, if any does.
   *
   * @throws what the producer says: there is no such thing
   */
  async provide(name: string): Promise<void> {
    const scheme = /^([^:]+):/.exec(name)?.[1];
    if (scheme === undefined) return;
    for (const { producer, running } of this.#started.values())
      if (producer.schemes?.includes(scheme) === true) await running.provide?.(name);
  }

  /** Has the types registered that match a pattern of a scheme and are there already. */
  async discover(pattern: string): Promise<void> {
    const scheme = /^([^:]+):/.exec(pattern)?.[1];
    for (const { producer, running } of this.#started.values())
      if (scheme !== undefined && producer.schemes?.includes(scheme) === true)
        await running.discover?.(pattern);
  }

  /** Each undoes what it did, also after another failed to. */
  stopAll(): void {
    for (const [id, { running }] of this.#started) {
      try {
        running[Symbol.dispose]();
      } catch (error) {
        process.emitWarning(`producer ${id} did not stop well: ${String(error)}`);
      }
    }
    this.#started.clear();
  }
}
