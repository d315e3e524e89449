// The door `./host`: what a host process loads to watch threads from outside, by perf samples.
import type { Producer } from '@extension-events/core';
import type { LinuxHost } from '@extension-events/platform-linux';
import { createNativeHotSpotProducer } from './perf/producer.ts';

/** The producer, ready to be started by a host. */
export const producer: Producer<LinuxHost> = createNativeHotSpotProducer(async () => {
  const { createSymbols } = await import('@extension-events/platform-linux/symbols');
  return (pid) => createSymbols(pid);
});
