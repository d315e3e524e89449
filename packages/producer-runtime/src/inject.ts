// The door `./inject`: loaded by the agent, beside the threads.
import { createBesideRuntimeProducer } from './beside/producer.ts';
import type { BesideRuntimeProducer } from './types.ts';

export const producer: BesideRuntimeProducer = createBesideRuntimeProducer();
