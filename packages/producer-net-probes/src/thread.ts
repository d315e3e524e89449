// The door `./thread`, bundled to dist/thread.cjs: evaluated in each traced thread.
import type { Producer } from '@extension-events/core';
import { createNetProbesProducer } from './thread/producer.ts';

/** The producer, ready to be started in this thread. */
export const producer: Producer<undefined> = createNetProbesProducer();
