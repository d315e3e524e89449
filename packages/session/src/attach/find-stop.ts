import { basename } from 'node:path';
import type { ExtensionEventError } from '@extension-events/core';
import { parseSocketName } from '@extension-events/protocol';
import { readStatus } from './proc.ts';
import { refusals } from './refusals.ts';

/** So often, and twice in a row: a debugger that looks at a process stops it for a moment. */
const lookMs = 250;

/**
 * Looks, while nobody answers, whether the process of an agent is stopped: then it cannot. A host is
 * a process of its own, and answers for one that is stopped.
 */
export function watchForStop(
  pid: number,
  socketPath: string,
  onStop: (refusal: ExtensionEventError) => void,
): Disposable {
  if (parseSocketName(basename(socketPath))?.role !== 'agent')
    return { [Symbol.dispose]: () => undefined };
  let before = false;
  const timer = setInterval(() => {
    const refusal = findStop(pid);
    if (before && refusal !== undefined) onStop(refusal);
    before = refusal !== undefined;
  }, lookMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Why a process runs nothing now; `undefined` when it does run. */
export function findStop(pid: number): ExtensionEventError | undefined {
  const status = readStatus(pid);
  if (status?.state === 'T') return refusals.stopped(pid);
  return status?.state === 't' ? refusals.traced(pid, status.tracerPid) : undefined;
}
