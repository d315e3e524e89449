import { performance } from 'node:perf_hooks';
import type { EventType, EventTypeDescriptor, FieldValue, Registry } from '@extension-events/core';
import { previewOf } from './preview.ts';
import { Shape } from './shape.ts';

// Fields come one by one where messages differ much: each time, the type is registered anew.
const maxRegistrations = 9;
// Where messages take this long to look at, again and again, they are looked at no more. One that did
// because its thread had lost the processor is soon forgotten.
const costlyMs = 5;
const maxCostly = 3;
const forgotten = 1 / 8;

/** What the source of a learned type is told. */
export interface LearnedTypeEvents {
  /** The first listener came; the last has gone. */
  listened(isListened: boolean): void;
}

/**
 * One event type whose fields are learned from its messages.
 *
 * It is registered as provisional, and anew with the fields of the first message, before that is
 * posted: listens stay, by name or pattern, and predicates that waited for a field hear it. Properties
 * that later messages bring make fields too, a few times.
 */
export class LearnedType {
  readonly name: string;
  readonly #registry: Registry;
  readonly #base: EventTypeDescriptor;
  readonly #events: LearnedTypeEvents;
  readonly #shape: Shape;
  #type: EventType | undefined;
  #registrations = 0;
  #costly = 0;
  #isRenewing = false;
  #armings = 0;
  #isListened = false;

  /** @throws ExtensionEventError `EE_SCHEMA_CONFLICT`, `EE_TYPE_LIMIT` */
  constructor(registry: Registry, base: EventTypeDescriptor, events: LearnedTypeEvents) {
    this.name = base.name;
    this.#registry = registry;
    this.#base = base;
    this.#events = events;
    this.#shape = new Shape(Object.keys(base.fields));
    this.#register();
  }

  get isListened(): boolean {
    return this.#isListened;
  }

  #register(): void {
    this.#registrations++;
    const { isProvisional: _provisional, ...base } = this.#base;
    const { json, ...own } = base.fields;
    const learned = this.#shape.fields;
    const hasFields = Object.keys(learned).length > 0;
    const isProvisional = this.#registrations === 1;
    this.#type = this.#registry.registerEventType({
      ...base,
      ...(isProvisional ? { isProvisional } : {}),
      // People read the fields, when there are any.
      fields: { ...own, ...learned, ...(json && { json: hasFields ? { ...json, detail: true } : json }) }, // prettier-ignore
      arm: () => this.#listened(1),
      disarm: () => this.#listened(-1),
      // The program has an event of its own by this name: it goes first, for good.
      displaced: () => void (this.#type = undefined),
    });
  }

  // Catchpoints and listeners are armed apart. Being registered anew is nothing that the channel need
  // hear of.
  #listened(more: 1 | -1): void {
    this.#armings += more;
    const isListened = this.#armings > 0;
    if (this.#isListened === isListened) return;
    this.#isListened = isListened;
    if (!this.#isRenewing) this.#events.listened(isListened);
  }

  /**
   * Posts one message, when somebody listens. Runs no code of the message's; the message is not kept.
   *
   * @param own - values of the fields that are not learned
   */
  post(message: unknown, own: Readonly<Record<string, FieldValue>> = {}): void {
    if (this.#type?.hasListeners !== true) return;
    const isCheap = this.#costly < maxCostly;
    const startMs = isCheap ? performance.now() : 0;
    if (this.#registrations === 1 || (isCheap && this.#registrations < maxRegistrations && this.#shape.isNews(message))) this.#learn(message); // prettier-ignore
    const payload: Record<string, FieldValue> = { ...own };
    payload['json'] = isCheap ? previewOf(message) : '"[too costly to show]"';
    this.#shape.read(message, payload);
    if (isCheap) this.#weigh(performance.now() - startMs);
    this.#type?.post(payload);
  }

  #weigh(tookMs: number): void {
    if (tookMs > costlyMs) this.#costly++;
    else if (this.#costly > 0) this.#costly -= forgotten;
  }

  #learn(message: unknown): void {
    const isFirst = this.#registrations === 1;
    if (!this.#shape.learn(message) && !isFirst) return;
    const wasListened = this.#isListened;
    this.#isRenewing = true;
    try {
      this.#type?.unregister();
      this.#register();
    } finally {
      this.#isRenewing = false;
    }
    // A predicate may ask for a field that has not come: then its listen has ended.
    if (this.#isListened !== wasListened) this.#events.listened(this.#isListened);
  }

  unregister(): void {
    this.#type?.unregister();
    this.#type = undefined;
  }
}
