// The door `./host`: what a host process loads.
import { createNativeBreakpointProducer } from './native/producer.ts';
import type { NativeBreakpointProducer } from './types.ts';

/** The producer of native threads, ready to be started by a host. */
export const producer: NativeBreakpointProducer = createNativeBreakpointProducer();
