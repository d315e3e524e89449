import { readFileSync } from 'node:fs';

// proc_pid_stat(5): USER_HZ, the unit of times in /proc/PID/stat, is 100 for user space on every Linux.
const tickNs = 1e7;

/** Processor time of a process so far in ns, its ended threads included; `undefined` when it has ended. */
export function tryReadProcessCpuNs(pid: number): number | undefined {
  const text = tryRead(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStatCpuNs(text);
}

/**
 * Processor time of a thread so far in ns; `undefined` when it has ended. Finer than the 10 ms of
 * `stat` where the kernel has `schedstat` (Documentation/scheduler/sched-stats.rst).
 */
export function tryReadThreadCpuNs(pid: number, tid: number): number | undefined {
  const directory = `/proc/${pid}/task/${tid}`;
  const ran = Number(tryRead(`${directory}/schedstat`)?.split(' ')[0] ?? Number.NaN);
  if (Number.isFinite(ran)) return ran;
  const text = tryRead(`${directory}/stat`);
  return text === undefined ? undefined : parseStatCpuNs(text);
}

/** Reads user and system time from the text of a `stat` file; `undefined` when it is not one. */
export function parseStatCpuNs(text: string): number | undefined {
  // The name may hold blanks and parentheses: fields are counted from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks * tickNs : undefined;
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
