import { ExtensionEventError } from '@extension-events/core';

/** Codes of the host process and of starting it. */
export const hostErrorCodes = {
  EE_HOST_START: 'The host process beside the watched process could not be started.',
  EE_HOST_PERMISSION: 'The process belongs to somebody else, so that no host may look into it.',
  EE_HOST_PLATFORM: 'Hosts look into processes by means of Linux.',
  EE_EXEC_HOLD: 'A program that is started could not be held before its first instruction.',
  EE_HOST_FAULT: 'The host made a mistake; the watched program goes on.',
} as const;

/** A debugging request that only an agent, or a debugger, can serve. */
export function noSuchMethod(method: string): ExtensionEventError {
  return new ExtensionEventError('EE_DEBUG_METHOD', `A host does not serve ${method}.`, 'It serves verdict, continue and leave-to-debugger; native threads are held by a debugger.'); // prettier-ignore
}
