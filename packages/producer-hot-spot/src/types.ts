import type { EventTypeDescriptor, Payload, Registry } from '@extension-events/core';
import type { V8Host } from '@extension-events/platform-v8';
import type {
  hotSpotCandidateDescriptor,
  hotSpotDescriptor,
  hotSpotSampleDescriptor,
} from './events.ts';

/** Payload of `hot-spot`. */
export type HotSpotPayload = Payload<(typeof hotSpotDescriptor)['fields']>;
/** Payload of `hot-spot.candidate`. */
export type HotSpotCandidatePayload = Payload<(typeof hotSpotCandidateDescriptor)['fields']>;
/** Payload of `hot-spot.sample`. */
export type HotSpotSamplePayload = Payload<(typeof hotSpotSampleDescriptor)['fields']>;

declare module '@extension-events/core' {
  interface EventMap {
    'hot-spot': HotSpotPayload;
    'hot-spot.candidate': HotSpotCandidatePayload;
    'hot-spot.sample': HotSpotSamplePayload;
  }
}

/** The part of core's registry that this producer needs. */
export type HotSpotRegistry = Pick<Registry, 'registerEventType'>;

/** Can it run in this process? */
export type Support =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly reason: string; readonly hint: string };

/** What an agent needs to know of this producer. */
export interface HotSpotProducer {
  readonly id: string;
  readonly description: string;
  readonly placement: 'agent';
  readonly eventTypes: readonly EventTypeDescriptor[];
  isSupported(): Support;
  /** Registers the event types; sampling begins when one is armed. */
  start(registry: HotSpotRegistry, host: V8Host): Disposable;
}
