// Bundled to dist/inject.mjs, the file that an agent loads beside the threads it watches.
import { createScriptBreakpointProducer } from './script/producer.ts';
import type { ScriptBreakpointProducer } from './types.ts';

/** The producer of JavaScript threads, ready to be started by an agent. */
export const producer: ScriptBreakpointProducer = createScriptBreakpointProducer();
