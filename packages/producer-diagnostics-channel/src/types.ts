import type {
  EventTypeDescriptor,
  Producer,
  Registry,
  RunningProducer,
} from '@extension-events/core';
import type { V8Host } from '@extension-events/platform-v8';

/** Payload of `channels.refused`. */
export interface ChannelRefusedPayload {
  /** The channel. */
  readonly name: string;
  /** Code and message. */
  readonly reason: string;
  /** Channels refused so far, this one included. */
  readonly count: number;
}

declare module '@extension-events/core' {
  interface EventMap {
    'channels.refused': ChannelRefusedPayload;
  }
}

/** What {@link createChannelProducer} takes. */
export interface ChannelProducerOptions {
  /** Most channels of the thread that become event types; default 1024. */
  readonly maxChannels?: number;
}

/** A started producer inside its thread. */
export interface RunningChannels extends RunningProducer {
  provide(name: string): void;
}

/** The producer inside the thread whose channels become event types. */
export interface ChannelProducer extends Producer<undefined> {
  readonly placement: 'thread';
  readonly schemes: readonly string[];
  catalogue(pattern: string, pid?: number): Promise<readonly EventTypeDescriptor[]>;
  start(registry: Registry, host?: undefined): RunningChannels;
}

/** A started finder. */
export interface RunningFinder extends RunningProducer {
  provide(name: string): Promise<void>;
  discover(pattern: string): Promise<void>;
}

/** What stands beside the threads and finds the channels that were there before. */
export interface ChannelFinder extends Producer<V8Host> {
  readonly placement: 'agent';
  readonly schemes: readonly string[];
  catalogue(pattern: string, pid?: number): Promise<readonly EventTypeDescriptor[]>;
  start(registry: Registry, host: V8Host): RunningFinder;
}

/** What {@link publishToChannels} takes. */
export interface PublishOptions {
  /** What the names of the channels begin with, before the event's name; default `extension-events:`. */
  readonly prefix?: string;
}
