/** Node's channels: the one file that touches `node:diagnostics_channel`. Taken when it is loaded. */
import { Channel, channel, type Channel as ChannelType } from 'node:diagnostics_channel';

const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Object;
const channelClass: typeof Channel = Channel;
const noop = (): void => undefined;
const idlePrototype = channelClass.prototype as object;

/** The channel of this name, made if there is none. */
export const channelOf: (name: string | symbol) => ChannelType = channel;

/** Is it a channel of Node's own class? */
export function isChannel(value: unknown): value is ChannelType {
  return typeof value === 'object' && value !== null && value instanceof channelClass;
}

/** Node's class of channels, for whoever looks into its scope. */
export { channelClass };

/**
 * The prototypes that channels have, without and with subscribers: two classes in Node, of which it
 * shows the first.
 */
export function prototypesOf(spare: ChannelType): readonly object[] {
  spare.subscribe(noop);
  const active = getPrototypeOf(spare) as object;
  spare.unsubscribe(noop);
  return [idlePrototype, active];
}

/**
 * Calls back with each channel that is constructed in this thread from now on, from inside its
 * constructor; `channel()`, `tracingChannel()` and `new Channel()` all end there, whoever took them
 * from the module and when.
 *
 * The constructor assigns `name` to an object that has none, so a setter in the prototype is called. It
 * makes the property that would have been made. When the program has put something else into its
 * place meanwhile, disposing leaves that alone, and what is left of ours lets everything pass.
 */
export function onChannelCreated(callback: (channel: ChannelType) => void): Disposable {
  let isLive = true;
  const before = getOwnPropertyDescriptor(idlePrototype, 'name');
  const set = function (this: ChannelType, name: unknown): void {
    if (before?.set === undefined)
      defineProperty(this, 'name', { value: name, writable: true, enumerable: true, configurable: true }); // prettier-ignore
    else before.set.call(this, name);
    if (!isLive || this === idlePrototype || (typeof name !== 'string' && typeof name !== 'symbol')) return; // prettier-ignore
    try {
      callback(this);
    } catch {
      // The channel is the program's; that we missed it is not its concern.
    }
  };
  const get = function (this: ChannelType): unknown {
    return before?.get === undefined ? before?.value : before.get.call(this);
  };
  try {
    defineProperty(idlePrototype, 'name', { get, set, configurable: true, enumerable: false });
  } catch {
    isLive = false; // frozen by the program: then only channels that are asked for are known
  }
  return {
    [Symbol.dispose]: () => {
      isLive = false;
      if (getOwnPropertyDescriptor(idlePrototype, 'name')?.set !== set) return;
      if (before === undefined) delete (idlePrototype as { name?: unknown }).name;
      else defineProperty(idlePrototype, 'name', before);
    },
  };
}
