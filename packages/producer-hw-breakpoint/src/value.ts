/** Reads what was written, only when nothing of the writer can have happened since. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** The hit whose value is wanted. */
export interface Hit {
  readonly pid: number;
  readonly tid: number;
  readonly pc: bigint;
  readonly address: bigint;
  readonly lengthBytes: number;
}

/** What the kernel's files say; replaced in tests. */
export interface ProcFiles {
  readText(path: string): string;
  readMemory(path: string, bytes: Uint8Array, position: bigint): number;
}

const files: ProcFiles = {
  readText: (path) => readFileSync(path, 'latin1'),
  readMemory: (path, bytes, position) => {
    const fd = openSync(path, 'r');
    try {
      return readSync(fd, bytes, 0, bytes.length, position as never);
    } finally {
      closeSync(fd);
    }
  },
};

// From the sample to the stop of the thread is its way out of the kernel: microseconds, and on a busy
// machine its wait for a CPU.
const attempts = 100;
const pauseMs = 0.2;
const pause = new Int32Array(new SharedArrayBuffer(4));

/**
 * The memory as one number, or `undefined` when it cannot be had honestly.
 *
 * The thread must be held by a tracer and stand at the hit's pc, before and after the memory is
 * read: then it has done nothing since the access. Other threads may have written since.
 */
export function tryReadStandingValue(hit: Hit, proc: ProcFiles = files): bigint | undefined {
  try {
    if (!isTraced(hit, proc)) return undefined;
    for (let i = 0; !standsAt(hit, proc); i++) {
      if (i === attempts) return undefined;
      Atomics.wait(pause, 0, 0, pauseMs);
    }
    const bytes = new Uint8Array(hit.lengthBytes);
    const length = proc.readMemory(`/proc/${hit.pid}/mem`, bytes, hit.address);
    if (length !== hit.lengthBytes || !standsAt(hit, proc)) return undefined;
    return toNumber(bytes);
  } catch {
    return undefined; // gone, or not ours to read
  }
}

function isTraced({ pid, tid }: Hit, proc: ProcFiles): boolean {
  const status = proc.readText(`/proc/${pid}/task/${tid}/status`);
  return /^TracerPid:\t[1-9]/m.test(status);
}

// A thread that runs has none of these words; one that is stopped outside of system calls has three:
// -1, stack pointer and program counter. proc(5).
function standsAt({ pid, tid, pc }: Hit, proc: ProcFiles): boolean {
  const words = proc.readText(`/proc/${pid}/task/${tid}/syscall`).trim().split(' ');
  return words.length === 3 && words[0] === '-1' && BigInt(words[2] ?? '') === pc;
}

// x86-64 and arm64 Linux keep the low byte first.
function toNumber(bytes: Uint8Array): bigint {
  const digits = Array.from(bytes.toReversed(), (byte) => byte.toString(16).padStart(2, '0'));
  return BigInt(`0x${digits.join('')}`);
}
