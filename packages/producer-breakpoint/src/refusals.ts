import { ExtensionEventError } from '@extension-events/core';

/** Machine steps of a thread that runs JavaScript. */
export function scriptedStep(name: string, tid?: number): ExtensionEventError {
  const thread = tid === undefined ? 'A JavaScript thread' : `Thread ${tid} runs JavaScript and`;
  return new ExtensionEventError(
    'EE_STEP_SCRIPTED',
    `${thread} is not stepped by ${name}: one statement is thousands of instructions of V8's.`,
    'Step statements in a debugger: extev debug, then break or pause, then step. Native threads of the process can be chosen by tid:N.',
  );
}
