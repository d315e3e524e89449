import { ExtensionEventError } from '@extension-events/core';

/** Codes of the profiler graph's own refusals; those of a process are told by a source's state. */
export const graphErrorCodes = {
  EE_GRAPH_SOURCE: 'The description of a source is not valid.',
  EE_GRAPH_RANGE: 'The span of time is not valid.',
  EE_GRAPH_CLOSED: 'The graph has been closed.',
} as const;

export type GraphErrorCode = keyof typeof graphErrorCodes;

/** One of the graph's own errors. */
export function graphError(
  code: GraphErrorCode,
  message: string,
  hint: string,
): ExtensionEventError {
  return new ExtensionEventError(code, message, hint);
}
