// The door `./thread`: evaluated in each traced thread.
import { createThreadRuntimeProducer } from './thread/producer.ts';
import type { ThreadRuntimeProducer } from './types.ts';

export const producer: ThreadRuntimeProducer = createThreadRuntimeProducer();
