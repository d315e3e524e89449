// Bundled to dist/inject.mjs, the file that an agent loads beside the threads.
import { createChannelFinder } from './finder.ts';
import type { ChannelFinder } from './types.ts';

/** The finder, ready to be started by an agent. */
export const producer: ChannelFinder = createChannelFinder();
