/**
 * What the finder beside the thread reaches inside it, on `globalThis` while a bridge is there. Copies
 * of this package in one thread share it, and share one bridge for each registry.
 */
import type { Registry } from '@extension-events/core';
import type { ChannelBridge } from './bridge.ts';
import { channelClass, channelOf, prototypesOf } from './channels.ts';
import { dataOf } from './own-data.ts';

/** Where it is. */
export const threadSideKey: unique symbol = Symbol.for(
  'extension-events.producer.diagnostics-channel.v1',
);

type Bridge = Pick<ChannelBridge, 'found' | 'provide' | typeof Symbol.dispose>;

interface Shared {
  readonly bridge: Bridge;
  owners: number;
}

/** What a snippet answers when a name was refused. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** The object on `globalThis`. */
export class ThreadSide {
  /** Node's class: its scope holds the table of all channels. */
  readonly channelClass: unknown = channelClass;
  readonly bridges: Map<Registry, Shared> = new Map();

  /** Takes in channels, or entries of Node's table; tells how many were channels. */
  found(things: ArrayLike<unknown>): number {
    const channels: unknown[] = [];
    for (let i = 0; i < things.length; i++) channels[i] = channelIn(things[i]);
    let count = 0;
    for (const { bridge } of this.bridges.values()) count = bridge.found(channels);
    return count;
  }

  /** Registers the named types, and tells why not. */
  provide(names: readonly string[]): Refusal[] {
    const refusals: Refusal[] = [];
    for (const { bridge } of this.bridges.values()) {
      for (const name of names) {
        try {
          bridge.provide(name);
        } catch (error) {
          const { code = '', message = String(error), hint = '' } = error as Partial<Refusal>;
          refusals.push({ code, message, hint });
        }
      }
    }
    return refusals;
  }

  /** The prototypes of channels, for a search of the heap. */
  prototypes(): readonly object[] {
    return prototypesOf(channelOf(spareName));
  }
}

const spareName = 'extension-events.spare';

// Node keeps them in a map of weak references of its own make: an entry's value has get().
function channelIn(thing: unknown): unknown {
  if (typeof thing !== 'object' || thing === null) return undefined;
  const reference = dataOf(thing, 'value') as { get?: () => unknown } | undefined;
  if (typeof reference !== 'object') return thing;
  try {
    return reference.get?.();
  } catch {
    return undefined;
  }
}

/** The bridge of a registry, made by the first who asks and undone by the last who leaves. */
export function shareBridge(registry: Registry, create: () => Bridge): { bridge: Bridge; leave: () => void } {
  const holder = globalThis as { [threadSideKey]?: ThreadSide };
  const side = holder[threadSideKey] ?? new ThreadSide();
  const present = side.bridges.get(registry);
  const shared = present ?? { bridge: create(), owners: 0 };
  side.bridges.set(registry, shared);
  shared.owners++;
  if (holder[threadSideKey] === undefined) Object.defineProperty(holder, threadSideKey, { value: side, configurable: true, enumerable: false });
  let isIn = true;
  const leave = (): void => {
    if (!isIn) return;
    isIn = false;
    if (--shared.owners > 0) return;
    side.bridges.delete(registry);
    if (side.bridges.size === 0 && holder[threadSideKey] === side) delete holder[threadSideKey];
    shared.bridge[Symbol.dispose]();
  };
  return { bridge: shared.bridge, leave };
} // prettier-ignore
