import { readFileSync } from 'node:fs';

/** What a thread has had of the machine so far, in milliseconds. */
export interface ThreadTime {
  readonly cpuMs: number;
  /** On a CPU, or waiting for one: a thread that sleeps adds nothing. */
  readonly wantedMs: number;
}

/** Reads it of a thread of this process; `undefined` where the kernel does not tell. */
export function readThreadTime(tid: number): ThreadTime | undefined {
  try {
    // Documentation/scheduler/sched-stats.rst: nanoseconds on the CPU, then on a run queue.
    const text = readFileSync(`/proc/self/task/${tid}/schedstat`, 'latin1');
    const [cpuNs = NaN, queuedNs = NaN] = text.split(' ').map(Number);
    if (!Number.isFinite(cpuNs + queuedNs)) return undefined;
    return { cpuMs: cpuNs / 1e6, wantedMs: (cpuNs + queuedNs) / 1e6 };
  } catch {
    return undefined;
  }
}
