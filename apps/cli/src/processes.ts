import { readdirSync, readFileSync } from 'node:fs';

/** What /proc/PID/stat says that matters here; proc_pid_stat(5). */
interface ProcessStat {
  readonly parent: number;
  readonly state: string;
  /** Clock ticks between boot and start: a pid that is used again has another. */
  readonly startTime: number;
}

function readStat(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may itself hold blanks and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', parent: Number(fields[1]), startTime: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

/** A process for good, not whatever has its pid next. */
export interface ProcessHandle {
  readonly pid: number;
  readonly startTime: number;
}

/** A process and all that it started, directly or not. */
export function processTree(root: number): ProcessHandle[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => ({ pid: Number(name), stat: readStat(Number(name)) }));
  const tree: ProcessHandle[] = [];
  const add = (pid: number): void => {
    const startTime = all.find((entry) => entry.pid === pid)?.stat?.startTime;
    if (startTime === undefined) return;
    tree.push({ pid, startTime });
    for (const { pid: child, stat } of all) if (stat?.parent === pid) add(child);
  };
  add(root);
  return tree;
}

/** Processes that were started with this word, `NAME=value`, in their environment. */
export function findByEnvironment(word: string): ProcessHandle[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && readEnvironment(name).includes(`\0${word}\0`))
    .flatMap((name) => findRunning(Number(name)) ?? []);
}

function readEnvironment(pid: string): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}\0`;
  } catch {
    return ''; // another user's, or it has ended
  }
}

/** Does it still run? One whose end nobody has collected does not. */
export function isRunning({ pid, startTime }: ProcessHandle): boolean {
  const stat = readStat(pid);
  return (
    stat !== undefined && stat.startTime === startTime && stat.state !== 'Z' && stat.state !== 'X'
  );
}

/** The process that has the pid now. */
export function findRunning(pid: number): ProcessHandle | undefined {
  const stat = readStat(pid);
  const handle = stat === undefined ? undefined : { pid, startTime: stat.startTime };
  return handle !== undefined && isRunning(handle) ? handle : undefined;
}

/** Sends a signal to those that still run. */
export function signalAll(handles: readonly ProcessHandle[], signal: NodeJS.Signals): void {
  for (const handle of handles) {
    if (!isRunning(handle)) continue;
    try {
      process.kill(handle.pid, signal);
    } catch {
      // it ended in between
    }
  }
}
