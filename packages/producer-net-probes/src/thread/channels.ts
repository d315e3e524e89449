/* oxlint-disable no-underscore-dangle -- the names are Node's */
/**
 * Diagnostics channels, heard without a subscription: a channel gets a `hasSubscribers` and a
 * `publish` of its own. Unheard, `hasSubscribers` stays what it was, so that whoever publishes
 * builds no message for us; a subscription would have it built for as long as the probes are there.
 */
import { channel } from 'node:diagnostics_channel';
import type { Patches } from './patches.ts';
import { apply, createObject, getOwnPropertyDescriptor, getPrototypeOf } from './primordials.ts';

/** A channel from the inside: `_subscribers` is there while somebody subscribes. */
interface ChannelInside {
  readonly hasSubscribers: boolean;
  readonly _subscribers?: unknown;
  publish(message: unknown): unknown;
}

/** Has `hear` called with each message of a channel while `isHeard`. */
export function tapChannel(patches: Patches, name: string, isHeard: () => boolean, hear: (message: never) => void): void {
  const target = channel(name) as unknown as ChannelInside;
  // Subscribing and unsubscribing give a channel another prototype; own properties stay.
  const ownPublish = getOwnPropertyDescriptor(target, 'publish')?.value as unknown;
  const ownGetter = getOwnPropertyDescriptor(target, 'hasSubscribers')?.get as Method | undefined;
  const isPlain = ownGetter === undefined && '_subscribers' in target;
  // Channels share a hidden class, in which different getters under one name do not fit; then V8
  // makes the later ones slow. An object that is a prototype has a hidden class of its own.
  createObject(target);
  patches.override(target, ['publish'], () => ({
    publish(this: ChannelInside, message: unknown): unknown {
      if (patches.isLive && isHeard()) {
        try {
          hear(message as never);
        } catch {
          // The program goes first.
        }
      }
      // Of a channel without subscribers that is all.
      if (isPlain && this._subscribers === undefined) return undefined;
      return apply((ownPublish ?? readBelow(this, 'publish')) as Method, this, [message]);
    },
  }));
  patches.define(target, 'hasSubscribers', {
    enumerable: false,
    get(this: ChannelInside): boolean {
      if (patches.isLive && isHeard()) return true;
      if (isPlain) return this._subscribers !== undefined;
      if (ownGetter !== undefined) return apply(ownGetter, this, []) as boolean;
      return readBelow(this, 'hasSubscribers') as boolean;
    },
  });
} // prettier-ignore

type Method = (this: ChannelInside, ...args: unknown[]) => unknown;

function readBelow(target: ChannelInside, key: string): unknown {
  return Reflect.get(getPrototypeOf(target) as object, key, target);
}
