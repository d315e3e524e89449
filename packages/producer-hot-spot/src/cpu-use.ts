import { readFileSync } from 'node:fs';

// /proc/PID/task/TID/schedstat (Documentation/scheduler/sched-stats.rst): ns on a CPU, ns waiting for one, slices.
// It is finer than the 10 ms ticks of /proc/PID/task/TID/stat, and a thread that waits for a CPU wants to run.
/** Time in ns that the thread ran or wanted to run; `undefined` where the kernel does not tell. */
export function readCpuNs(tid: number): number | undefined {
  try {
    const [ran, waited] = readFileSync(`/proc/self/task/${tid}/schedstat`, 'latin1').split(' ');
    return Number(ran) + Number(waited);
  } catch {
    return readStatNs(tid);
  }
}

// proc_pid_stat(5): fields 14 and 15, in ticks of USER_HZ, which is 100 for user space on every Linux.
function readStatNs(tid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/self/task/${tid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 1e7;
  } catch {
    return undefined;
  }
}

/** Measures the part of a CPU that a thread uses between two looks. */
export class CpuUse {
  readonly #tid: number;
  #atNs: number;
  #cpuNs: number | undefined;

  constructor(tid: number, nowNs: number) {
    this.#tid = tid;
    this.#atNs = nowNs;
    this.#cpuNs = readCpuNs(tid);
  }

  /** Part of a CPU since the last look, 0 to 1; `undefined` where the kernel does not tell. */
  look(nowNs: number): number | undefined {
    const cpuNs = readCpuNs(this.#tid);
    const share =
      cpuNs === undefined || this.#cpuNs === undefined || nowNs <= this.#atNs
        ? undefined
        : Math.min(1, (cpuNs - this.#cpuNs) / (nowNs - this.#atNs));
    this.#atNs = nowNs;
    this.#cpuNs = cpuNs;
    return share;
  }
}
