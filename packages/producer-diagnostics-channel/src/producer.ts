import { compilePattern, type EventTypeDescriptor } from '@extension-events/core';
import { ChannelBridge, defaultMaxChannels } from './bridge.ts';
import { channelRefusedDescriptor, describeNodeChannels, producerId } from './events.ts';
import { scheme } from './names.ts';
import { shareBridge } from './thread-side.ts';
import type { ChannelProducer, ChannelProducerOptions } from './types.ts';

/**
 * Creates the producer of `channel:…`, for the thread that it is started in.
 *
 * Creating it does nothing. A started one registers each channel that is constructed from then on, and
 * each name that it is asked to provide; channels that were there before are found from beside the
 * thread ({@link createChannelFinder}) or by their name. A channel is subscribed to while its event
 * type has a listener in this thread, and not otherwise.
 *
 * Another copy that is started in the same thread for the same registry shares the first one's work.
 */
export function createChannelProducer({
  maxChannels = defaultMaxChannels,
}: ChannelProducerOptions = {}): ChannelProducer {
  return {
    id: producerId,
    description: 'Makes every diagnostics channel of a thread an event type.',
    placement: 'thread',
    eventTypes: [channelRefusedDescriptor],
    schemes: [scheme],
    isSupported: () => ({ ok: true }),
    catalogue,
    start(registry) {
      const { bridge, leave } = shareBridge(registry, () => new ChannelBridge(registry, maxChannels)); // prettier-ignore
      return { provide: (name) => bridge.provide(name), [Symbol.dispose]: leave };
    },
  };
}

/** Node's own channels that match; those of libraries are known once they have been found. */
export async function catalogue(pattern: string): Promise<readonly EventTypeDescriptor[]> {
  const matches = compilePattern(pattern);
  return describeNodeChannels().filter(({ name }) => matches(name));
}
