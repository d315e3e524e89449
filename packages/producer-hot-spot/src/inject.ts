// Bundled to dist/inject.mjs, the file that an agent loads beside the threads it watches.
import { createHotSpotProducer } from './producer.ts';
import type { HotSpotProducer } from './types.ts';

/** The producer, ready to be started by an agent. */
export const producer: HotSpotProducer = createHotSpotProducer();
