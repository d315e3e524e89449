import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { parseStartTime } from '@extension-events/protocol';

/** What `/proc/PID/status` says, as far as an attach needs it; see proc_pid_status(5). */
export interface ProcessStatus {
  /** One letter: R running, S sleeping, D waiting for a device, T stopped, t traced, Z zombie, X dead. */
  readonly state: string;
  /** The process that this thread belongs to. */
  readonly tgid: number;
  readonly tracerPid: number;
  readonly effectiveUid: number;
  readonly effectiveGid: number;
  readonly groups: readonly number[];
  /** A handler stands for SIGUSR1. */
  readonly catchesSigusr1: boolean;
}

/** SIGUSR1 is signal 10 on every Linux that Node runs on; masks count from bit 0. */
const sigusr1Bit = 1n << 9n;

/** USER_HZ, the unit of times in /proc, is 100 on every architecture that Node supports on Linux. */
const tickMs = 10;

/** Reads the text of `/proc/PID/status`; `undefined` when it is not one. */
export function parseStatus(text: string): ProcessStatus | undefined {
  // Lines, not a search over the text: a Name: may hold anything but a line break.
  const lines = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && !lines.has(line.slice(0, colon))) {
      lines.set(line.slice(0, colon), line.slice(colon + 1).trim());
    }
  }
  const numbers = (name: string): number[] =>
    (lines.get(name) ?? '').split(/\s+/).filter(Boolean).map(Number);
  const [, effectiveUid] = numbers('Uid');
  const [, effectiveGid] = numbers('Gid');
  const [tgid] = numbers('Tgid');
  const caught = lines.get('SigCgt');
  const state = lines.get('State')?.[0];
  if (
    state === undefined ||
    tgid === undefined ||
    effectiveUid === undefined ||
    effectiveGid === undefined
  ) {
    return undefined;
  }
  return {
    state,
    tgid,
    tracerPid: numbers('TracerPid')[0] ?? 0,
    effectiveUid,
    effectiveGid,
    groups: numbers('Groups'),
    // Kernel threads and zombies have no signal lines.
    catchesSigusr1:
      caught !== undefined &&
      /^[\da-f]+$/i.test(caught) &&
      (BigInt(`0x${caught}`) & sigusr1Bit) !== 0n,
  };
}

/** `undefined` when there is no such process (or thread). */
export function readStatus(pid: number): ProcessStatus | undefined {
  const text = tryReadText(`/proc/${pid}/status`);
  return text === undefined ? undefined : parseStatus(text);
}

/** Start time of a process that still lives; a zombie does not. */
export function readLiveStartTime(pid: number): number | undefined {
  const text = tryReadText(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const state = text[text.lastIndexOf(')') + 2];
  return state === 'Z' || state === 'X' ? undefined : parseStartTime(text);
}

/** How long ago a process started. */
export function ageMs(startTime: number): number {
  const [uptime = '0'] = (tryReadText('/proc/uptime') ?? '').split(' ');
  return Number(uptime) * 1000 - startTime * tickMs;
}

/** Path of the program; `undefined` for kernel threads, and what was denied when it was. */
export function readExe(pid: number): { path: string | undefined; denied?: string } {
  try {
    // An upgrade in place leaves "/usr/bin/node (deleted)".
    return { path: readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM'
      ? { path: undefined, denied: `/proc/${pid}/exe: ${code}` }
      : { path: undefined };
  }
}

/** Arguments of a process, or the words of its title when it wrote one over them. */
export function readCommandLine(pid: number): string[] {
  return splitZeros(tryReadText(`/proc/${pid}/cmdline`) ?? '');
}

/** One variable of the environment that a process was started with. */
export function readEnvironment(pid: number, name: string): string | undefined {
  const prefix = `${name}=`;
  const entry = splitZeros(tryReadText(`/proc/${pid}/environ`) ?? '').find((line) =>
    line.startsWith(prefix),
  );
  return entry?.slice(prefix.length);
}

/** Kernel name of a process or of one of its threads: at most 15 characters. */
export function readComm(pid: number, tid: number = pid): string {
  return (tryReadText(`/proc/${pid}/task/${tid}/comm`) ?? '').trimEnd();
}

/** Threads of a process, by number. */
export function listThreads(pid: number): { readonly tid: number; readonly name: string }[] {
  return listNumbers(`/proc/${pid}/task`).map((tid) => ({ tid, name: readComm(pid, tid) }));
}

/** Every process that this user may see, by number. */
export function listPids(): number[] {
  return listNumbers('/proc');
}

/** Where a process lives elsewhere than this one: names of what differs. */
export function otherNamespaces(pid: number): string[] {
  const differing = (['mnt', 'pid', 'net'] as const)
    .filter((kind) => {
      const theirs = tryReadLink(`/proc/${pid}/ns/${kind}`);
      return theirs !== undefined && theirs !== tryReadLink(`/proc/self/ns/${kind}`);
    })
    .map((kind) => `${{ mnt: 'mount', pid: 'pid', net: 'network' }[kind]} namespace`);
  // A chroot has the same namespaces and yet other paths.
  const root = rootOf(pid);
  if (differing.length > 0 || root === undefined || root === rootOf('self')) return differing;
  return ['root directory'];
}

function rootOf(pid: number | 'self'): string | undefined {
  try {
    const stats = statSync(`/proc/${pid}/root`);
    return `${stats.dev}:${stats.ino}`;
  } catch {
    return undefined;
  }
}

/** Splits text of words that each end in a zero byte; a title leaves many zeros behind it. */
export function splitZeros(text: string): string[] {
  const words = text.replace(/\0+$/, '');
  return words === '' ? [] : words.split('\0');
}

function listNumbers(directory: string): number[] {
  try {
    return readdirSync(directory)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .toSorted((a, b) => a - b);
  } catch {
    return [];
  }
}

/** Text of a file that may vanish or be closed to this user. */
export function tryReadText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/** Target of a link that may vanish or be closed to this user. */
export function tryReadLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
