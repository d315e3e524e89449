// The door `./host`: what a host process loads. It serves threads that no agent speaks for.
import type { Producer } from '@extension-events/core';
import type { LinuxHost } from '@extension-events/platform-linux';
import { createNativeNetProducer } from './native/producer.ts';

/** The producer, ready to be started by a host. */
export const producer: Producer<LinuxHost> = createNativeNetProducer();
