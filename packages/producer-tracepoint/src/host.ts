// The door `./host`: what a host process loads.
import { createTracepointProducer } from './producer.ts';
import type { TracepointProducer } from './types.ts';

/** The producer, ready to be started by a host. */
export const producer: TracepointProducer = createTracepointProducer();
