import { readFileSync } from 'node:fs';
import { ExtensionEventError } from '@extension-events/core';
import { errnoName } from '../native/native.ts';
import { describeEvent, isKernelEvent } from './event-spec.ts';
import type { PerfEventSpec, PerfRequest } from './session-types.ts';

/** A number of /proc/sys/kernel; `undefined` when it cannot be read. */
export function readSetting(name: string): number | undefined {
  try {
    const value = Number.parseInt(readFileSync(`/proc/sys/kernel/${name}`, 'utf8'), 10);
    return Number.isNaN(value) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** Which step the kernel refused. */
export type PerfStep = 'open' | 'join' | 'ring' | 'filter' | 'arm';

/** What a refusal is about. */
export interface Refused {
  readonly request: PerfRequest;
  readonly tid: number;
  readonly step: PerfStep;
  /** As system calls return it: `-errno`. */
  readonly result: number;
}

/** What to use when an event is absent. */
export function findSubstitute(event: PerfEventSpec): string | undefined {
  if (event.type === 'hardware') {
    const isTime = event.event.includes('cycles') || event.event === 'instructions';
    return isTime ? 'task-clock' : 'page-faults';
  }
  return event.type === 'hardware-cache' || event.type === 'raw' ? 'task-clock' : undefined;
}

/** The coded error for what the kernel answered; LINUX: perf_event_open(2), ERRORS. */
export function toPerfError(refused: Refused): ExtensionEventError {
  const { request, tid, step, result } = refused;
  const name = errnoName(result);
  const target = request.isSystemWide === true ? 'the whole machine' : `thread ${tid}`;
  const what = `${describeEvent(request.event)} on ${target}`;
  const make = (code: string, why: string, hint: string): ExtensionEventError =>
    new ExtensionEventError(code, `${what} was refused (${name})${why === '' ? '' : `: ${why}`}.`, hint); // prettier-ignore

  if (step === 'filter') {
    return make('EE_PERF_FILTER', `the kernel does not understand the filter ${JSON.stringify(request.filter)}`, 'Use the fields of the tracepoint’s format with ==, !=, <, <=, >, >=, &, ~ and &&, ||.'); // prettier-ignore
  }
  if (step === 'ring' && (name === 'EPERM' || name === 'ENOMEM')) {
    return make('EE_PERF_MEMORY', `no memory for its ring; perf_event_mlock_kb is ${readSetting('perf_event_mlock_kb') ?? 'unknown'}`, 'Listen on fewer threads, or raise kernel.perf_event_mlock_kb or the limit of locked memory (ulimit -l).'); // prettier-ignore
  }
  if (step === 'join' && name === 'EINVAL') {
    return make('EE_PERF_GROUP', 'it does not fit into one group with the others', 'A processor has a few counters, and some only for some events: ask for fewer at once, or for each by itself.'); // prettier-ignore
  }
  switch (name) {
    case 'EACCES':
    case 'EPERM':
      return make('EE_PERF_PERMISSION', explainPermission(request), hintPermission(request));
    case 'ENOENT':
    case 'ENODEV':
    case 'EOPNOTSUPP':
    case 'ENOSYS':
      return makeAbsent(request, name, make);
    case 'ENOSPC':
      return make('EE_PERF_NO_SLOT', 'all debug registers of the thread are taken', 'End another breakpoint or watchpoint on this thread; a debugger that is attached uses the same registers.'); // prettier-ignore
    case 'ESRCH':
      return make('EE_PERF_NO_THREAD', 'the thread has ended', 'List the threads again.');
    case 'EMFILE':
    case 'ENFILE':
      return make('EE_PERF_FILES', 'this process may open no more files; each event takes one for each thread and CPU', 'Listen on fewer threads, or raise RLIMIT_NOFILE (ulimit -n).'); // prettier-ignore
    case 'EINVAL':
      return make('EE_PERF_ARGUMENT', explainArgument(request), 'Check the parameters; extev doctor tells what this machine supports.'); // prettier-ignore
    default:
      return make('EE_PERF_ARGUMENT', '', 'See perf_event_open(2) for the meaning of the error.');
  }
}

function makeAbsent(
  { event }: PerfRequest,
  name: string,
  make: (code: string, why: string, hint: string) => ExtensionEventError,
): ExtensionEventError {
  if (event.type === 'uprobe') {
    return make('EE_PERF_ABSENT', name === 'ENOENT' ? 'no such file' : 'the kernel has no uprobes', 'Check the path, as the watched process sees it.'); // prettier-ignore
  }
  if (event.type === 'tracepoint') {
    return make('EE_PERF_ABSENT', 'the kernel has no tracepoint of this number', 'The numbers change with each kernel build: export the tracepoints again.'); // prettier-ignore
  }
  const substitute = findSubstitute(event);
  return make('EE_PERF_ABSENT', 'this machine has no such counter (virtual machines often have no hardware counters)', substitute === undefined ? 'See extev doctor for the counters that there are.' : `Use ${substitute} instead.`); // prettier-ignore
}

/** The kernel takes breakpoints and the processor never reports one. */
export function silentBreakpoints(event: PerfEventSpec): ExtensionEventError {
  return new ExtensionEventError('EE_PERF_ABSENT', `A ${describeEvent(event)} would never fire: this machine takes hardware breakpoints and reports none, not even one on our own memory. Some hypervisors do that; gdb's hardware watchpoints are as silent here.`, 'Use another machine for data; for code, break in the debugger, a uprobe, or breakpoint.hit with method=uprobe.'); // prettier-ignore
}

function explainPermission(request: PerfRequest): string {
  const paranoid = readSetting('perf_event_paranoid');
  const reasons = [`kernel.perf_event_paranoid is ${paranoid ?? 'unknown'}`];
  if (includesKernel(request)) reasons.push('it includes the kernel');
  if (request.isSystemWide === true) reasons.push('it watches all processes');
  return reasons.join(', ');
}

function hintPermission(request: PerfRequest): string {
  if (request.event.type === 'uprobe') return 'Probes in programs need CAP_SYS_ADMIN: run as root.';
  if (request.event.type === 'software' && isKernelEvent(request.event)) {
    return `${request.event.event} happens in the kernel: run as root or with CAP_PERFMON, or set kernel.perf_event_paranoid to 1. /proc/PID/task/TID/status has the counts.`; // prettier-ignore
  }
  if (includesKernel(request)) return 'Leave the kernel out, or run as root or with CAP_PERFMON, or set kernel.perf_event_paranoid to 1.'; // prettier-ignore
  if (request.isSystemWide === true) return 'Watch one process, or run as root or with CAP_PERFMON, or set kernel.perf_event_paranoid to 0.'; // prettier-ignore
  return 'Watch a process of your own user with kernel.perf_event_paranoid at most 2, or run as root or with CAP_PERFMON; containers need perf_event_open in their seccomp profile.'; // prettier-ignore
}

/** Is the kernel part of what the request asks for, said or implied? */
export function includesKernel(request: PerfRequest): boolean {
  return request.includesKernel === true || isKernelEvent(request.event);
}

function explainArgument({ event, rate }: PerfRequest): string {
  if ('frequencyHz' in rate) {
    const most = readSetting('perf_event_max_sample_rate');
    if (most !== undefined && rate.frequencyHz > most) {
      return `${rate.frequencyHz} Hz is more than kernel.perf_event_max_sample_rate, ${most}`;
    }
  }
  if (event.type === 'uprobe') return 'the offset is not in the file, or there is no instruction';
  if (event.type === 'breakpoint') {
    return `the CPU has no such breakpoint: lengths are 1, 2, 4 and 8, the address is a multiple of the length`;
  }
  return 'a parameter is out of range';
}
