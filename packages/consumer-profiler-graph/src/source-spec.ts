import { compilePattern } from '@extension-events/core';
import type { ListenOptions } from '@extension-events/session';
import { graphError } from './errors.ts';
import type { SourceSpec } from './graph-types.ts';

/**
 * @throws ExtensionEventError `EE_PATTERN`, `EE_GRAPH_SOURCE`
 */
export function checkSpec({ pattern, pid, thread }: SourceSpec): void {
  compilePattern(pattern);
  if (pid !== undefined && !(Number.isSafeInteger(pid) && pid > 0))
    throw graphError('EE_GRAPH_SOURCE', `${String(pid)} is no process id.`, 'Give a whole number above 0, or leave pid out for all processes.'); // prettier-ignore
  if (thread !== undefined && pid === undefined)
    throw graphError('EE_GRAPH_SOURCE', `Thread ${thread} of which process?`, 'Give the pid with the thread.'); // prettier-ignore
}

/** Equal for equal sources. */
export function keyOfSpec(spec: SourceSpec, stack: number): string {
  const { pattern, pid, request, thread, where } = spec;
  const values = Object.entries(request ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([pattern, where ?? '', pid ?? 0, thread ?? '', values, stack]);
}

export function toListenOptions(spec: SourceSpec, stack: number): ListenOptions {
  const { pattern, request, thread, where } = spec;
  return {
    pattern,
    ...(where !== undefined && where !== '' && { where }),
    ...(request !== undefined && Object.keys(request).length > 0 && { request }),
    ...(thread !== undefined && { thread }),
    ...(stack > 0 && { stack }),
  };
}
