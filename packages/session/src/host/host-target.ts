import { ExtensionEventError } from '@extension-events/core';
import type { ProcessIdentity } from '@extension-events/protocol';
import { findProcess } from '../attach/target.ts';

/**
 * Finds a process that a host of this user may look into.
 *
 * @throws ExtensionEventError `EE_HOST_PLATFORM`, `EE_NO_PROCESS`, `EE_HOST_PERMISSION`
 */
export function checkHostTarget(pid: number): ProcessIdentity {
  if (process.platform !== 'linux') {
    throw new ExtensionEventError('EE_HOST_PLATFORM', `Native threads are looked into by means of Linux, and this is ${process.platform}.`, 'JavaScript threads are reached through the agent, everywhere.'); // prettier-ignore
  }
  const { startTime, status } = findProcess(pid);
  const own = process.geteuid?.() ?? 0;
  if (own !== 0 && own !== status.effectiveUid) {
    throw new ExtensionEventError('EE_HOST_PERMISSION', `Process ${pid} belongs to uid ${status.effectiveUid}, and this is uid ${own}.`, 'Run the same command as that user or as root (sudo).'); // prettier-ignore
  }
  return { pid, startTime };
}
