import { readdirSync, readFileSync } from 'node:fs';
import { parseStartTime, type ProcessIdentity } from '@extension-events/protocol';

/**
 * Does the process still run? Not by its main thread alone: that may end before the others, and then
 * looks like a process that waits to be collected.
 */
export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  const stat = tryRead(`/proc/${pid}/stat`);
  if (stat === undefined || parseStartTime(stat) !== startTime) return false;
  if (!isOver(stat)) return true;
  return tids(pid).some((tid) => !isOver(tryRead(`/proc/${pid}/task/${tid}/stat`)));
}

// Z: zombie, X: dead; proc_pid_stat(5).
function isOver(stat: string | undefined): boolean {
  const state = stat?.[stat.lastIndexOf(')') + 2];
  return state === undefined || state === 'Z' || state === 'X';
}

function tids(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
