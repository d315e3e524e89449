/** Which error it is that a thread cannot be traced: the kernel says EPERM and ESRCH for many reasons. */
import { readFileSync } from 'node:fs';
import { ExtensionEventError } from '@extension-events/core';
import { errnoName } from '../native/native.ts';

/** What /proc/TID/status says about tracing. */
export interface TraceState {
  /** The letter that proc(5) lists: `R`, `S`, `t` for stopped by a tracer, `Z`. */
  readonly state: string;
  /** 0: nobody. */
  readonly tracerPid: number;
  /** Its process. */
  readonly pid: number;
  readonly uid: number;
}

/** `undefined` when there is no such thread. */
export function tryReadTraceState(tid: number): TraceState | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${tid}/status`, 'utf8');
  } catch {
    return undefined;
  }
  const field = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(text)?.[1] ?? ''; // prettier-ignore
  return {
    state: field('State'),
    tracerPid: Number(field('TracerPid')),
    pid: Number(field('Tgid')),
    uid: Number(field('Uid')),
  };
}

/** The error of a refused PTRACE_SEIZE. */
export function seizeRefusal(tid: number, result: number): ExtensionEventError {
  const state = tryReadTraceState(tid);
  if (state === undefined || state.state === 'Z' || state.state === 'X') return gone(tid);
  if (state.tracerPid !== 0) return busy(tid, state.tracerPid);
  if (state.pid === process.pid) {
    return new ExtensionEventError('EE_PTRACE_PERMISSION', `Thread ${tid} belongs to this very process, which cannot trace itself.`, 'Trace it from another process.'); // prettier-ignore
  }
  return new ExtensionEventError(
    'EE_PTRACE_PERMISSION',
    `Thread ${tid} of user ${state.uid} may not be traced (${errnoName(result)}); kernel.yama.ptrace_scope is ${ptraceScope()}.`,
    'Run as the user of that process, or as root; where ptrace_scope is 1 or more, give this process CAP_SYS_PTRACE or set it to 0.',
  );
}

/** The error of any other refused request. */
export function requestRefusal(tid: number, what: string, result: number): ExtensionEventError {
  const state = tryReadTraceState(tid);
  if (state === undefined || state.state === 'Z' || state.state === 'X') return gone(tid);
  const now =
    state.tracerPid === process.pid
      ? `it is not stopped (state ${state.state})`
      : state.tracerPid === 0
        ? 'nobody traces it'
        : `process ${state.tracerPid} traces it`;
  return new ExtensionEventError('EE_PTRACE_STATE', `${what} of thread ${tid} is refused (${errnoName(result)}): ${now}.`, 'Seize the thread first, and wait for it to stop.'); // prettier-ignore
}

export function gone(tid: number): ExtensionEventError {
  return new ExtensionEventError('EE_PTRACE_GONE', `Thread ${tid} does not exist, or has ended.`, 'List the threads of the process again.'); // prettier-ignore
}

function busy(tid: number, tracerPid: number): ExtensionEventError {
  let name = '';
  try {
    name = ` (${readFileSync(`/proc/${tracerPid}/comm`, 'utf8').trim()})`;
  } catch {
    // it has just ended, or its name is hidden
  }
  return new ExtensionEventError('EE_PTRACE_BUSY', `Thread ${tid} is traced already, by process ${tracerPid}${name}.`, 'End that debugger or detach it; a thread has one tracer at most.'); // prettier-ignore
}

function ptraceScope(): string {
  try {
    return readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8').trim();
  } catch {
    return 'absent';
  }
}
