/** Readers of the kernel's text files: text in, numbers out, `undefined` for what is not there. See proc(5). */

/** A number of /proc/PID/status, such as `VmRSS` (kB there). */
export function readStatus(text: string, key: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${key}:`));
  return toNumber(line?.slice(key.length + 1).trim().split(/\s/)[0]);
} // prettier-ignore

/** What we take from /proc/PID/stat, which is about all threads, or /proc/PID/task/TID/stat. */
export interface Stat {
  readonly minorFaults: number;
  readonly majorFaults: number;
}

export function readStat(text: string): Stat | undefined {
  // The name in parentheses may hold anything, also parentheses and newlines.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const minorFaults = toNumber(fields[7]);
  const majorFaults = toNumber(fields[9]);
  if (minorFaults === undefined || majorFaults === undefined) return undefined;
  return { minorFaults, majorFaults };
}

/** /proc/PID/task/TID/schedstat: time on a CPU, and time of waiting for one. */
export interface SchedStat {
  readonly runNs: number;
  readonly waitNs: number;
}

export function readSchedStat(text: string): SchedStat | undefined {
  const [runNs, waitNs] = text.trim().split(/\s+/).map(toNumber);
  return runNs === undefined || waitNs === undefined ? undefined : { runNs, waitNs };
}

// Digits only: Number('') is 0, and nothing here is negative.
function toNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,20}$/.test(text) ? Number(text) : undefined;
}
