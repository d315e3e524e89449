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
  /** Being constructed right now: Node does not know them yet. */
  readonly #fresh: Set<Channel> = new Set();
  /** Subscribed to; kept alive as subscribers keep them. */
  #heard: Channel[] = [];
  readonly #hearers: Set<Hearer> = new Set();

  constructor(channelName: string | symbol) {
    this.channelName = channelName;
  }

  /** Has it had channels that are all gone? */
  get isGone(): boolean {
    if (this.#hearers.size > 0 || this.#channels.length === 0) return false;
    return this.#channels.every((reference) => reference.deref() === undefined);
  }

  /** Takes in a channel that exists. */
  add(channel: Channel): void {
    if (this.#channels.some((reference) => reference.deref() === channel)) return;
    this.#channels = this.#channels.filter((reference) => reference.deref() !== undefined);
    this.#channels.push(new WeakRef(channel));
    if (this.#hearers.size > 0) this.#hear(channel);
  }

  /**
   * Takes in a channel from inside its constructor. Somebody who hears this name already must not miss
   * the first message, but a channel that Node does not know yet must not be subscribed to: it would
   * count its subscribers wrongly. So the first use of it, or the end of this job, subscribes.
   */
  addFresh(channel: Channel): void {
    this.#fresh.add(channel);
    this.add(channel);
    queueMicrotask(() => this.#settle(channel));
  }

  #settle(channel: Channel): void {
    if (!this.#fresh.delete(channel)) return;
    removeTraps(channel);
    if (this.#hearers.size > 0) this.#hear(channel);
  }

  /** Subscribes; the channel is made if there is none, and found by whoever asks for it later. */
  subscribe(hearer: Hearer): void {
    if (this.#hearers.has(hearer)) return;
    this.#hearers.add(hearer);
    if (this.#hearers.size > 1) {
      for (const channel of this.#heard) attach(channel, hearer);
      return;
    }
    if (this.#fresh.size === 0) {
      const channel = channelOf(this.channelName);
      this.add(channel);
      this.#settle(channel); // if this has made it, Node knows it now
    }
    for (const reference of this.#channels) {
      const channel = reference.deref();
      if (channel !== undefined) this.#hear(channel);
    }
  }

  #hear(channel: Channel): void {
    if (this.#fresh.has(channel)) {
      setTraps(channel, () => this.#settle(channel));
      return;
    }
    if (this.#heard.includes(channel)) return;
    this.#heard.push(channel);
    for (const hearer of this.#hearers) attach(channel, hearer);
  }

  unsubscribe(hearer: Hearer): void {
    if (!this.#hearers.delete(hearer)) return;
    for (const channel of this.#heard) detach(channel, hearer);
    if (this.#hearers.size > 0) return;
    this.#heard = [];
    for (const channel of this.#fresh) removeTraps(channel);
  }
}

// A channel that the program has frozen, or whose methods it has replaced, may refuse: it is not heard.
function attach(channel: Channel, hearer: Hearer): void {
  try {
    channel.subscribe(hearer);
  } catch {
    // nothing was changed
  }
}

function detach(channel: Channel, hearer: Hearer): void {
  try {
    channel.unsubscribe(hearer);
  } catch {
    // the hearer is deaf by now
  }
}

const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Object;
const { get: getProperty } = Reflect;
const trapped = ['hasSubscribers', 'publish', 'runStores', 'withStoreScope'] as const;
const withTraps = new WeakSet<Channel>();

// On the one object, so that no other channel is slower and `instanceof` keeps its word.
function setTraps(channel: Channel, settle: () => void): void {
  if (withTraps.has(channel)) return;
  withTraps.add(channel);
  for (const name of trapped) {
    if (!(name in channel)) continue; // Node below 26 has no withStoreScope
    const get = function (this: unknown): unknown {
      settle();
      // Not from the channel itself: should it be frozen by now, this would never end.
      return getProperty(getPrototypeOf(channel) as object, name, this);
    };
    defineProperty(channel, name, { get, configurable: true, enumerable: false });
  }
}

function removeTraps(channel: Channel): void {
  if (!withTraps.delete(channel)) return;
  for (const name of trapped) {
    if (getOwnPropertyDescriptor(channel, name)?.get === undefined) continue;
    Reflect.deleteProperty(channel, name);
  }
}
