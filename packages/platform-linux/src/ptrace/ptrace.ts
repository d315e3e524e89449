import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { ExtensionEventError } from '@extension-events/core';
import { loadNative } from '../native/native.ts';
import type { Native } from '../native/native.ts';
import { gone, requestRefusal, seizeRefusal } from './refusal.ts';
import { decodeRegisters, encodeRegisters, registerNames } from './registers.ts';
import type { Registers } from './registers.ts';
import { decodeWaitStatus } from './wait-status.ts';
import type { PtraceStop } from './wait-status.ts';

/** A signal as its receiver would see it; sigaction(2), `siginfo_t`. */
export interface SignalInfo {
  readonly signal: number;
  /** `SI_USER` 0, `SI_TKILL` -6, `TRAP_PERF` 6; of descriptors' signals `POLL_IN` 1. */
  readonly siCode: number;
}

// ptrace(2); uapi/linux/ptrace.h
const request = {
  cont: 7,
  singleStep: 9,
  detach: 17,
  singleBlock: 33,
  getEventMessage: 0x4201,
  getSigInfo: 0x4202,
  getRegSet: 0x4204,
  setRegSet: 0x4205,
  seize: 0x4206,
  interrupt: 0x4207,
  listen: 0x4208,
} as const;
const traceExec = 0x10;
const walls = 0x40000000; // __WALL: threads, not just children
const noHang = 1;
const generalRegisters = 1; // NT_PRSTATUS

/**
 * ptrace(2) of threads of other processes, synchronously. The kernel ties tracing to one OS thread: all calls must be
 * made on the thread that made the first. Never trace a child of this very process, since libuv waits for it too
 * and takes its stops for its end.
 */
export class Ptrace {
  readonly #native: Native;

  private constructor(native: Native) {
    this.#native = native;
  }

  /** @throws ExtensionEventError `EE_LINUX_PLATFORM`, `EE_LINUX_NATIVE` */
  static async load(): Promise<Ptrace> {
    return new Ptrace(await loadNative());
  }

  /**
   * Becomes the tracer of a thread, which does not stop and notices nothing.
   *
   * @throws ExtensionEventError `EE_PTRACE_PERMISSION`, `EE_PTRACE_BUSY`, `EE_PTRACE_GONE`
   */
  seize(tid: number): void {
    const result = this.#native.ptrace(request.seize, tid, 0, traceExec);
    if (result < 0) throw seizeRefusal(tid, result);
  }

  /** Asks a seized thread to stop; {@link waitFor} tells when it did. @throws ExtensionEventError `EE_PTRACE_GONE`, `EE_PTRACE_STATE` */
  interrupt(tid: number): void {
    this.#do('An interrupt', request.interrupt, tid, 0);
  }

  /**
   * What a traced thread reports, or `undefined` when it has nothing to report yet.
   *
   * @param isPatient - wait for it, which blocks this whole thread
   * @throws ExtensionEventError `EE_PTRACE_GONE` when it is no thread that this process traces
   */
  waitFor(tid: number, isPatient = false): PtraceStop | undefined {
    const result = this.#native.waitpid(tid, isPatient ? walls : walls | noHang);
    if (result.tid < 0) throw gone(tid);
    return result.tid === 0 ? undefined : decodeWaitStatus(result.status);
  }

  /** Of a thread in a signal's stop: the signal. @throws ExtensionEventError `EE_PTRACE_GONE`, `EE_PTRACE_STATE` */
  siginfo(tid: number): SignalInfo {
    const info = new Int32Array(32);
    this.#do('Reading the signal', request.getSigInfo, tid, info);
    return { signal: info[0] ?? 0, siCode: info[2] ?? 0 };
  }

  /** Of an exec's stop: the tid that the thread had before. @throws ExtensionEventError `EE_PTRACE_GONE`, `EE_PTRACE_STATE` */
  eventMessage(tid: number): number {
    const message = new BigUint64Array(1);
    this.#do('Reading the event', request.getEventMessage, tid, message);
    return Number(message[0]);
  }

  /** Of a stopped thread. @throws ExtensionEventError `EE_PTRACE_GONE`, `EE_PTRACE_STATE` */
  registers(tid: number): Registers {
    const words = new BigUint64Array(registerNames().length);
    this.#transfer(request.getRegSet, tid, words);
    return decodeRegisters(words);
  }

  /** Of a stopped thread: all of them, as {@link registers} gave them. @throws ExtensionEventError `EE_PTRACE_GONE`, `EE_PTRACE_STATE` */
  setRegisters(tid: number, registers: Registers): void {
    this.#transfer(request.setRegSet, tid, encodeRegisters(registers));
  }

  /**
   * Reads memory of the thread's process: as many bytes as are readable there, perhaps none.
   *
   * @throws ExtensionEventError `EE_PTRACE_GONE`
   */
  readMemory(tid: number, address: bigint, lengthBytes: number): Uint8Array {
    const bytes = new Uint8Array(lengthBytes);
    const length = withMemory(tid, 'r', (fd) => readSync(fd, bytes, 0, lengthBytes, address));
    return bytes.subarray(0, length);
  }

  /** Writes memory of a traced thread's process, also where the program itself may not. @throws ExtensionEventError `EE_PTRACE_GONE` */
  writeMemory(tid: number, address: bigint, bytes: Uint8Array): number {
    return withMemory(tid, 'r+', (fd) => writeSync(fd, bytes, 0, bytes.length, Number(address)));
  }

  /** Lets a stopped thread run, taking the signal (0: none). @throws ExtensionEventError `EE_PTRACE_GONE`, `EE_PTRACE_STATE` */
  cont(tid: number, signal = 0): void {
    this.#do('Continuing', request.cont, tid, signal);
  }

  /** Answers a group-stop: the thread stays stopped until SIGCONT. @throws ExtensionEventError `EE_PTRACE_GONE`, `EE_PTRACE_STATE` */
  listen(tid: number): void {
    this.#do('Listening', request.listen, tid, 0);
  }

  /** Lets a stopped thread run one instruction. @throws ExtensionEventError `EE_PTRACE_GONE`, `EE_PTRACE_STATE` */
  singleStep(tid: number, signal = 0): void {
    this.#do('A step', request.singleStep, tid, signal);
  }

  /** Lets it run to its next taken branch: only where {@link hasBlockStep} says so. @throws ExtensionEventError `EE_PTRACE_GONE`, `EE_PTRACE_STATE` */
  blockStep(tid: number, signal = 0): void {
    this.#do('A step', request.singleBlock, tid, signal);
  }

  /** Ends tracing a stopped thread, which runs on, taking the signal (0: none). @throws ExtensionEventError `EE_PTRACE_GONE`, `EE_PTRACE_STATE` */
  detach(tid: number, signal = 0): void {
    this.#do('Detaching', request.detach, tid, signal);
  }

  #do(what: string, nr: number, tid: number, data: number | NodeJS.TypedArray): void {
    const result = this.#native.ptrace(nr, tid, 0, data);
    if (result < 0) throw requestRefusal(tid, what, result);
  }

  // struct iovec: where, how many bytes.
  #transfer(nr: number, tid: number, words: BigUint64Array): void {
    const vector = BigUint64Array.of(this.#native.addressOf(words), BigInt(words.byteLength));
    const result = this.#native.ptrace(nr, tid, generalRegisters, vector);
    if (result < 0) throw requestRefusal(tid, 'Access to the registers', result);
  }
}

// Errors of reading and writing mean that nothing is mapped there; those of opening, that the
// thread is gone.
function withMemory(tid: number, flags: 'r' | 'r+', use: (fd: number) => number): number {
  let fd: number;
  try {
    fd = openSync(`/proc/${tid}/mem`, flags);
  } catch (error) {
    throw openRefusal(tid, error);
  }
  try {
    return use(fd);
  } catch {
    return 0;
  } finally {
    closeSync(fd);
  }
}

function openRefusal(tid: number, error: unknown): ExtensionEventError {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM' ? seizeRefusal(tid, -13) : gone(tid);
}
