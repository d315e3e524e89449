import type { Channel } from 'node:diagnostics_channel';
import { channelOf } from './channels.ts';

/** What is told of a message; must not throw. */
export type Hearer = (message: unknown) => void;

/**
 * All channels of one name, and who hears them. Unheard, nothing is subscribed and nothing kept alive.
 *
 * Most names have one channel. There are more when a program constructs `Channel` itself, or when the
 * garbage collector lets Node forget one that is still in use (Node 20).
 */
export class Source {
  readonly channelName: string | symbol;
  #channels: WeakRef<Channel>[] = [];
  /** Being constructed right now: Node does not know it yet. */
  #fresh: Channel | undefined;
  /** Subscribed to; kept alive as subscribers keep it. */
  #heard: Channel[] = [];
  readonly #hearers: Set<Hearer> = new Set();

  constructor(channelName: string | symbol) {
    this.channelName = channelName;
  }

  /** Has it had channels that are all gone? */
  get isGone(): boolean {
    if (this.#hearers.size > 0 || this.#fresh !== undefined || this.#channels.length === 0)
      return false;
    return this.#channels.every((reference) => reference.deref() === undefined);
  }

  /** Takes in a channel that exists. */
  add(channel: Channel): void {
    if (this.#channels.some((reference) => reference.deref() === channel)) return;
    this.#channels = this.#channels.filter((reference) => reference.deref() !== undefined);
    this.#channels.push(new WeakRef(channel));
    if (this.#hearers.size > 0 && channel !== this.#fresh) this.#hear(channel);
  }

  /**
   * Takes in a channel from inside its constructor. Somebody who hears this name already must not miss
   * the first message, but a channel that Node does not know yet must not be subscribed to: it would
   * count its subscribers wrongly. So the first use of it, or the end of this job, subscribes.
   */
  addFresh(channel: Channel): void {
    this.#fresh = channel;
    this.add(channel);
    if (this.#hearers.size > 0) setTraps(channel, () => this.#settle());
    queueMicrotask(() => this.#settle());
  }

  #settle(): void {
    const channel = this.#fresh;
    if (channel === undefined) return;
    this.#fresh = undefined;
    removeTraps(channel);
    if (this.#hearers.size > 0) this.#hear(channel);
  }

  /** Subscribes; the channel is made if there is none, and found by whoever asks for it later. */
  subscribe(hearer: Hearer): void {
    if (this.#hearers.has(hearer)) return;
    this.#hearers.add(hearer);
    if (this.#hearers.size > 1) {
      for (const channel of this.#heard) channel.subscribe(hearer);
      return;
    }
    if (this.#fresh === undefined) {
      this.add(channelOf(this.channelName));
      this.#settle(); // if this has made it, Node knows it now
    } else setTraps(this.#fresh, () => this.#settle());
    for (const reference of this.#channels) {
      const channel = reference.deref();
      if (channel !== undefined && channel !== this.#fresh) this.#hear(channel);
    }
  }

  #hear(channel: Channel): void {
    if (this.#heard.includes(channel)) return;
    this.#heard.push(channel);
    for (const hearer of this.#hearers) channel.subscribe(hearer);
  }

  unsubscribe(hearer: Hearer): void {
    if (!this.#hearers.delete(hearer)) return;
    for (const channel of this.#heard) channel.unsubscribe(hearer);
    if (this.#hearers.size > 0) return;
    this.#heard = [];
    if (this.#fresh !== undefined) removeTraps(this.#fresh);
  }
}

const { defineProperty, getOwnPropertyDescriptor } = Object;
const trapped = ['hasSubscribers', 'publish', 'runStores', 'withStoreScope'] as const;
const traps = new WeakSet<object>();

// On the one object, so that no other channel is slower and `instanceof` keeps its word.
function setTraps(channel: Channel, settle: () => void): void {
  for (const name of trapped) {
    if (!(name in channel)) continue; // Node below 26 has no withStoreScope
    const get = function (this: Channel): unknown {
      settle();
      return (this as unknown as Record<string, unknown>)[name];
    };
    traps.add(get);
    defineProperty(channel, name, { get, configurable: true, enumerable: false });
  }
}

function removeTraps(channel: Channel): void {
  for (const name of trapped) {
    const found = getOwnPropertyDescriptor(channel, name);
    if (found?.get !== undefined && traps.has(found.get)) delete (channel as unknown as Record<string, unknown>)[name]; // prettier-ignore
  }
}
