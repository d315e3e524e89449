import { readdirSync, readFileSync } from 'node:fs';

/** What /proc/PID/status says of a process or thread, as far as it is used here. */
export interface ProcStatus {
  readonly name: string;
  /** R running, S sleeping, D waiting for a disk, T stopped, t traced, Z zombie, X dead. */
  readonly state: string;
  /** The process that a thread belongs to. */
  readonly pid: number;
  /** Who traces it; 0: nobody. */
  readonly tracerPid: number;
  /** Real and effective user. */
  readonly uid: number;
  readonly effectiveUid: number;
  readonly threadCount: number;
  readonly voluntarySwitches: number;
  readonly involuntarySwitches: number;
}

/** Reads the text of /proc/…/status; fields that are missing are 0 or empty. */
export function parseStatus(text: string): ProcStatus {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const getNumber = (name: string, index = 0): number => {
    const value = Number(fields.get(name)?.split(/\s+/)[index]);
    return Number.isSafeInteger(value) ? value : 0;
  };
  return {
    name: fields.get('Name') ?? '',
    state: (fields.get('State') ?? '').slice(0, 1),
    pid: getNumber('Tgid'),
    tracerPid: getNumber('TracerPid'),
    uid: getNumber('Uid'),
    effectiveUid: getNumber('Uid', 1),
    threadCount: getNumber('Threads'),
    voluntarySwitches: getNumber('voluntary_ctxt_switches'),
    involuntarySwitches: getNumber('nonvoluntary_ctxt_switches'),
  };
}

/** The status of a process, or of one of its threads; `undefined` when it has ended. */
export function tryReadStatus(pid: number, tid: number = pid): ProcStatus | undefined {
  const text = tryRead(`/proc/${pid}/task/${tid}/status`);
  return text === undefined ? undefined : parseStatus(text);
}

/** Does a thread block a signal? A thread that has ended does not. */
export function isSignalBlocked(pid: number, tid: number, signal: number): boolean {
  const text = tryRead(`/proc/${pid}/task/${tid}/status`);
  const mask = /^SigBlk:\t([\da-f]{1,16})$/m.exec(text ?? '')?.[1] ?? '0';
  return (BigInt(`0x${mask}`) & (1n << BigInt(signal - 1))) !== 0n;
}

/** The kernel's name of a thread; `undefined` when it has ended. */
export function tryReadComm(pid: number, tid: number): string | undefined {
  return tryRead(`/proc/${pid}/task/${tid}/comm`)?.replace(/\n$/, '');
}

/** The threads of a process, ascending; empty when it has ended. A zombie is no thread any more. */
export function listThreads(pid: number): number[] {
  try {
    const tids = readdirSync(`/proc/${pid}/task`).map(Number);
    return tids.filter((tid) => Number.isSafeInteger(tid)).toSorted((a, b) => a - b);
  } catch {
    return [];
  }
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
