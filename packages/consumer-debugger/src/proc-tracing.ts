import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

// SIGURG is 23; masks count from bit 0.
const urgentBit = 1n << 22n;

/** What `/proc` says of a thread. */
export interface ThreadStatus {
  /** One letter: `R S D T t Z X`; see proc(5). */
  readonly state: string;
  /** Process that traces it; 0 when nobody does. */
  readonly tracer: number;
  readonly uid: number;
  readonly name: string;
}

/** The status of a process' main thread, or of one of its threads; `undefined` when it is gone. */
export function readStatus(pid: number, tid: number = pid): ThreadStatus | undefined {
  try {
    return parseStatus(readFileSync(`/proc/${pid}/task/${tid}/status`, 'latin1'));
  } catch {
    return undefined;
  }
}

export function parseStatus(text: string): ThreadStatus {
  const field = (name: string): string =>
    new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  return {
    state: field('State').slice(0, 1),
    tracer: Number.parseInt(field('TracerPid'), 10) || 0,
    // Real, effective, saved, file system: tracing compares with the effective one.
    uid: Number.parseInt(field('Uid').split(/\s+/)[1] ?? '', 10) || 0,
    name: field('Name'),
  };
}

/** Does the thread block SIGURG, the signal by which caught events stop threads? */
export function blocksUrgent(pid: number, tid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/task/${tid}/status`, 'latin1');
    const mask = /^SigBlk:\t([\da-f]{1,16})$/m.exec(text)?.[1] ?? '0';
    return (BigInt(`0x${mask}`) & urgentBit) !== 0n;
  } catch {
    return false; // it has ended
  }
}

export function listTids(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

/** The program's file, as gdb can open it: through `/proc` when the path is another one here. */
export function programFile(pid: number): string {
  const link = `/proc/${pid}/exe`;
  try {
    const path = readlinkSync(link);
    const isSameRoot = readlinkSync(`/proc/${pid}/root`) === '/';
    return isSameRoot && !path.endsWith(' (deleted)') ? path : link;
  } catch {
    return link;
  }
}

/** Files besides the program itself whose code is mapped, as gdb can open them. */
export function listLibraries(pid: number): string[] {
  try {
    const program = readlinkSync(`/proc/${pid}/exe`);
    if (readlinkSync(`/proc/${pid}/root`) !== '/') return [];
    const files = parseLibraries(readFileSync(`/proc/${pid}/maps`, 'utf8'));
    return files.filter((file) => file !== program);
  } catch {
    return [];
  }
}

export function parseLibraries(maps: string): string[] {
  const files = [...maps.matchAll(/^\S+ ..x\S* \S+ \S+ \S+ +(\/.*)$/gm)].map(
    (match) => match[1] ?? '',
  );
  return [...new Set(files)].filter((file) => !file.endsWith(' (deleted)'));
}

/** The yama module's `ptrace_scope`; 0 where the kernel has none. */
export function ptraceScope(): number {
  try {
    return Number.parseInt(readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8'), 10) || 0;
  } catch {
    return 0;
  }
}
