import { accessSync, constants, lstatSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ProcessIdentity } from '@extension-events/protocol';
import { findBlockingCall } from './blocked.ts';
import {
  type InspectorAddress,
  opensInspectorAtStart,
  publishesOverHttp,
  wantedInspectorAddress,
} from './inspector-port.ts';
import { isNodeProcess } from './node-binary.ts';
import { parseNodeCommandLine } from './node-command-line.ts';
import {
  otherNamespaces,
  type ProcessStatus,
  readCommandLine,
  readEnvironment,
  readExe,
  readLiveStartTime,
  readStatus,
  ageMs,
} from './proc.ts';
import type { AttachProgress } from './progress.ts';
import { refusals } from './refusals.ts';

/** A process that can be attached to, as far as can be told without touching it. */
export interface Target extends ProcessIdentity {
  /** Effective ids. */
  readonly uid: number;
  readonly gid: number;
  readonly exe: string;
  /** Where it would open its inspector. */
  readonly inspectorAddress: InspectorAddress;
  /** It was started with --inspect, --inspect-brk or --inspect-wait. */
  readonly opensInspectorAtStart: boolean;
}

/** How long a process that was born just now may take to set up its handling of SIGUSR1. */
const birthMs = 1000;

/** Finds the process and what anybody may know of it; refuses what is no process. */
export function findProcess(pid: number): { startTime: number; status: ProcessStatus } {
  if (!Number.isSafeInteger(pid) || pid <= 0) throw refusals.noProcess(pid);
  const status = readStatus(pid);
  if (status === undefined) throw isHidden(pid) ? denied(pid) : refusals.noProcess(pid);
  if (status.tgid !== pid) throw refusals.isThread(pid, status.tgid);
  if (status.state === 'Z' || status.state === 'X') throw refusals.zombie(pid);
  const startTime = readLiveStartTime(pid);
  if (startTime === undefined) throw refusals.noProcess(pid);
  return { startTime, status };
}

/**
 * Refuses every process that cannot be attached to, before anything is done to it.
 *
 * @throws ExtensionEventError a code of `attachErrorCodes`
 */
export function examine(pid: number, startTime: number, status: ProcessStatus): Target {
  const own = process.geteuid?.();
  if (own !== 0 && own !== status.effectiveUid)
    throw denied(pid, status.effectiveUid, 'other user');
  const exe = readExe(pid);
  if (exe.denied !== undefined) throw denied(pid, status.effectiveUid, exe.denied);
  if (exe.path === undefined || !isNodeProcess(pid, exe.path))
    throw refusals.notNode(pid, exe.path);
  const elsewhere = otherNamespaces(pid);
  if (elsewhere.length > 0) throw refusals.otherNamespace(pid, elsewhere);
  checkState(pid, status);
  const { options } = parseNodeCommandLine(
    readCommandLine(pid),
    readEnvironment(pid, 'NODE_OPTIONS'),
  );
  if (!publishesOverHttp(options)) throw refusals.publishesNowhere(pid);
  return {
    pid,
    startTime,
    uid: status.effectiveUid,
    gid: status.effectiveGid,
    exe: exe.path,
    inspectorAddress: wantedInspectorAddress(options),
    opensInspectorAtStart: opensInspectorAtStart(options),
  };
}

/** Refuses a process that is stopped, or whose end nobody has collected. */
export function checkState(pid: number, status: ProcessStatus | undefined = readStatus(pid)): void {
  if (status === undefined) throw refusals.noProcess(pid);
  if (status.state === 'Z' || status.state === 'X') throw refusals.zombie(pid);
  if (status.state === 't') throw refusals.traced(pid, status.tracerPid);
  if (status.state === 'T') throw refusals.stopped(pid);
}

/**
 * Waits until the process would take the signal well: SIGUSR1 is caught (else it would kill the
 * process) and the main thread is not inside a call that may last.
 */
export async function waitUntilSignalable(
  target: Target,
  progress: AttachProgress,
  limitMs: number,
): Promise<void> {
  const { pid, startTime } = target;
  const patienceMs = Math.max(0, birthMs - ageMs(startTime));
  const catches = await progress.poll(() => readStatus(pid)?.catchesSigusr1, patienceMs);
  if (catches !== true) throw refusals.signalDisabled(pid);
  let call: string | undefined;
  const isFree = await progress.poll(() => {
    checkState(pid);
    call = findBlockingCall(pid);
    return call === undefined;
  }, limitMs);
  if (isFree !== true) throw refusals.blocked(pid, call ?? 'a system call', limitMs);
}

/**
 * Refuses an agent file that the user of the process may not read. Only root has to ask: for
 * anybody else the process's user is the caller.
 */
export function checkAgentFile(target: Target, status: ProcessStatus, file: string): void {
  try {
    accessSync(file, constants.R_OK);
    if (target.uid === 0 || process.geteuid?.() === target.uid) return;
    const path = realpathSync(file);
    if (!may(path, status, 4)) throw new Error(`uid ${target.uid} may not read it`);
    for (let directory = dirname(path); ; directory = dirname(directory)) {
      if (!may(directory, status, 1))
        throw new Error(`uid ${target.uid} may not enter ${directory}`);
      if (directory === dirname(directory)) return;
    }
  } catch (error) {
    throw refusals.agentFile(target.pid, file, (error as Error).message);
  }
}

// The classic mode bits only; an access list that grants more is rare enough to be refused.
function may(path: string, status: ProcessStatus, bit: 1 | 4): boolean {
  const { mode, uid, gid } = lstatSync(path);
  if (uid === status.effectiveUid) return (mode & (bit << 6)) !== 0;
  const isInGroup = gid === status.effectiveGid || status.groups.includes(gid);
  return (mode & (isInGroup ? bit << 3 : bit)) !== 0;
}

// With hidepid (proc(5)) other users' processes are missing from /proc, but not from kill(2).
function isHidden(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function denied(pid: number, uid?: number, what = 'it is hidden (hidepid)'): Error {
  return refusals.permission(pid, uid, what);
}
