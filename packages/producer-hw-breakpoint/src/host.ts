// The door `./host`: what a host process loads.
import { createHwBreakpointProducer } from './producer.ts';
import type { HwBreakpointProducer } from './types.ts';

/** The producer, ready to be started by a host. */
export const producer: HwBreakpointProducer = createHwBreakpointProducer();
