// The door `./host`: what a host process loads.
import { createPerfmonProducer } from './producer.ts';
import type { PerfmonProducer } from './types.ts';

/** The producer, ready to be started by a host. */
export const producer: PerfmonProducer = createPerfmonProducer();
