import { createRequire } from 'node:module';
import { ExtensionEventError, isExactPattern, type Producer, type Registry, type RunningProducer } from '@extension-events/core'; // prettier-ignore
import type { WireError } from '@extension-events/protocol';
import { wireError } from '@extension-events/protocol/server';

/** A producer whose door `./thread` is loaded into every thread. */
export interface ThreadProducerFile {
  readonly id: string;
  readonly file: string;
}

/** Makes `module.exports` of a producer's CommonJS file. */
export type ProducerFactory = (module: { exports: unknown }, exports: unknown, require: (name: string) => unknown) => void; // prettier-ignore

interface Started {
  readonly producer: Producer<undefined>;
  readonly running: RunningProducer;
}

const fault = {
  code: 'EE_PRODUCER_LOAD',
  hint: 'Its ./thread must be one built, self-contained CommonJS file; the program goes on.',
};

/** The producers that run inside this thread, until the last consumer has left. */
export class ThreadProducers implements Disposable {
  readonly #registry: Registry;
  /** Undefined while it starts: an agent may come by interrupt, and does not start it again. */
  readonly #started: Map<string, Started | undefined> = new Map();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /**
   * Starts a producer, once; returns why it cannot work here.
   *
   * @param factory - its evaluated file; left out, it is loaded by its path
   */
  load({ id, file }: ThreadProducerFile, factory?: ProducerFactory): WireError | undefined {
    if (this.#started.has(id)) return undefined;
    this.#started.set(id, undefined);
    try {
      const producer = factory === undefined ? required(file) : evaluated(factory);
      const support = producer.isSupported();
      if (!support.ok) throw new ExtensionEventError(support.code, support.reason, support.hint);
      this.#started.set(id, { producer, running: producer.start(this.#registry, undefined) });
      return undefined;
    } catch (error) {
      this.#started.delete(id);
      return wireError(error, fault);
    }
  }

  /**
   * Has the named type registered by the producer that provides names of its scheme, if any does.
   *
   * @throws ExtensionEventError what the producer says: there is no such thing
   */
  provide(pattern: string): void {
    const scheme = /^([^:]+):/.exec(pattern)?.[1];
    if (scheme === undefined || !isExactPattern(pattern)) return;
    for (const started of this.#started.values())
      if (started?.producer.schemes?.includes(scheme) === true)
        void started.running.provide?.(pattern);
  }

  /** Each undoes what it did, also after another failed to. */
  [Symbol.dispose](): void {
    for (const started of this.#started.values()) {
      try {
        started?.running[Symbol.dispose]();
      } catch {
        // It is our code that failed; there is nobody in the program to tell.
      }
    }
    this.#started.clear();
  }
}

// A new worker that inherits listens loads the file before its program posts.
function required(file: string): Producer<undefined> {
  return producerOf(createRequire(file)(file));
}

function evaluated(factory: ProducerFactory): Producer<undefined> {
  const module = { exports: {} };
  factory(module, module.exports, (name) => process.getBuiltinModule(name));
  return producerOf(module.exports);
}

function producerOf(exported: unknown): Producer<undefined> {
  const { producer } = exported as { producer?: Producer<undefined> };
  if (producer === undefined) throw new TypeError('its file exports no producer');
  return producer;
}
