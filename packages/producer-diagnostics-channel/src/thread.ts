// Bundled to dist/thread.cjs, the file that is evaluated in each traced thread.
import { createChannelProducer } from './producer.ts';
import type { ChannelProducer } from './types.ts';

/** The producer, ready to be started in this thread. */
export const producer: ChannelProducer = createChannelProducer();
