import type { ExtensionEventError } from '@extension-events/core';

/**
 * What producers see of perf_event_open(2): typed descriptions of events in, samples out. How
 * threads are covered, which ring a sample took, and how a wake-up comes is behind it.
 */

/** What is counted or watched; see perf_event_open(2). */
export type PerfEventSpec =
  | { readonly type: 'software'; readonly event: SoftwareEvent }
  /** Hardware counters of the CPU's own naming; absent in many virtual machines. */
  | { readonly type: 'hardware'; readonly event: HardwareEvent }
  | { readonly type: 'hardware-cache'; readonly config: number }
  | { readonly type: 'raw'; readonly config: bigint }
  | { readonly type: 'tracepoint'; readonly id: number }
  | {
      readonly type: 'breakpoint';
      readonly access: 'write' | 'read-write' | 'execute';
      readonly address: bigint;
      /** 1, 2, 4 or 8; 8 for `execute` on x86-64. */
      readonly lengthBytes: number;
    }
  | {
      readonly type: 'uprobe';
      /** Path as the watched process has it. */
      readonly path: string;
      /** Offset in the file of the instruction. */
      readonly offset: bigint;
      readonly isReturn: boolean;
      /** File offset of a USDT semaphore, raised while the event is armed. */
      readonly semaphoreOffset?: bigint;
    };

export type SoftwareEvent =
  | 'cpu-clock'
  | 'task-clock'
  | 'page-faults'
  | 'context-switches'
  | 'cpu-migrations'
  | 'minor-faults'
  | 'major-faults'
  | 'alignment-faults'
  | 'emulation-faults'
  | 'cgroup-switches';

export type HardwareEvent =
  | 'cycles'
  | 'instructions'
  | 'cache-references'
  | 'cache-misses'
  | 'branches'
  | 'branch-misses'
  | 'bus-cycles'
  | 'stalled-cycles-frontend'
  | 'stalled-cycles-backend'
  | 'ref-cycles';

/** How often a sample is taken. */
export type PerfRate =
  /** At each multiple of this count, per thread. */
  | { readonly period: number }
  /** So many a second of the thread's CPU time. */
  | { readonly frequencyHz: number };

/** What a sample carries besides pid, tid, time and instruction pointer. */
export interface PerfContent {
  readonly callchain?: boolean;
  /** User registers, in the order of {@link userRegisterNames}. */
  readonly userRegisters?: boolean;
  /** Bytes of the user stack, a multiple of 8. */
  readonly userStackBytes?: number;
  /** Tracepoints: the record as the kernel's format file lays it out. */
  readonly raw?: boolean;
  /** The address that a page fault or a breakpoint is about. */
  readonly address?: boolean;
  /** The counter's value and its enabled and running times. */
  readonly read?: boolean;
  /**
   * Other counters of the same thread that are read together with this one (`PERF_FORMAT_GROUP`), and
   * counted together with it or not at all: the times of {@link PerfContent.read}, which is implied,
   * are those of all of them.
   */
  readonly group?: readonly PerfGroupMember[];
}

/** A counter that is counted beside another one, without samples of its own. */
export interface PerfGroupMember {
  readonly event: PerfEventSpec;
  /** Also what the kernel does on behalf of the thread. */
  readonly includesKernel?: boolean;
}

/** One event to open. */
export interface PerfRequest extends PerfContent {
  readonly event: PerfEventSpec;
  readonly rate: PerfRate;
  /** One thread; without it all threads of the process, also those yet to come. */
  readonly tid?: number;
  /** All processes of the machine instead; needs CAP_PERFMON. */
  readonly isSystemWide?: boolean;
  /** Also what the kernel does on behalf of the thread; needs privileges, see perf_event_paranoid. */
  readonly includesKernel?: boolean;
  /** Kernel filter of a tracepoint, such as `ret == 13`. */
  readonly filter?: string;
  /**
   * One-shot, and the thread itself gets SIGURG (which nobody notices but a debugger): a stop. After
   * a sample the event is off on that thread until {@link PerfSession.rearm}.
   */
  readonly signalsThread?: boolean;
  /**
   * Threads that are left alone, of an event that is one for each thread (such as one that signals
   * it); asked when it is opened on them.
   */
  readonly leavesOut?: (tid: number) => boolean;
  /**
   * Tell samples within some 10 ms rather than 100. Default true for a period, false for a frequency.
   * Who needs them at once calls {@link PerfSession.drain}.
   */
  readonly isUrgent?: boolean;
  onSample(sample: PerfSample): void;
  /** Samples that the kernel could not keep. */
  onLost?(count: number): void;
  /** The kernel held the event back for its rate, and let it go on. */
  onThrottle?(isThrottled: boolean): void;
  /** A thread that was born after the opening could not be covered (no debug register, no memory). */
  onRefused?(tid: number, error: ExtensionEventError): void;
}

/** One entry of a call chain. */
export interface ChainEntry {
  readonly address: bigint;
  readonly isKernel: boolean;
}

/** One sample. Valid during the callback alone: copy what is to be kept. */
export interface PerfSample {
  readonly pid: number;
  readonly tid: number;
  /** CLOCK_MONOTONIC. */
  readonly timeNs: number;
  /** Was the thread in the kernel? */
  readonly isKernel: boolean;
  /** Instruction pointer as a number: exact in user space (below 2^53). */
  readonly pc: number;
  readonly pcBig: bigint;
  readonly address: bigint;
  readonly count: {
    readonly value: bigint;
    readonly enabledNs: number;
    readonly runningNs: number;
  };
  /** What the members of the group have counted, in their order. */
  groupValues(): readonly bigint[];
  /** Innermost first, kernel frames before user frames. */
  callchain(): ChainEntry[];
  /** Empty when the thread had none to show. */
  userRegisters(): readonly bigint[];
  userStack(): Uint8Array;
  raw(): DataView;
}

/** An event that is open. Disposing closes it everywhere. */
export interface PerfArming extends Disposable {
  /** The count so far, of one thread or summed over all, with times for scaling. */
  read(tid?: number): {
    readonly value: bigint;
    readonly enabledNs: number;
    readonly runningNs: number;
  };
  /** Changes the period while it runs. */
  setPeriod(period: number): void;
}

/** perf events of one process; opened events share rings, wake-ups and the following of new threads. */
export interface PerfSession {
  /**
   * Opens an event and enables it.
   *
   * @throws ExtensionEventError `EE_PERF_PERMISSION`, `EE_PERF_ABSENT`, `EE_PERF_NO_SLOT`,
   * `EE_PERF_NO_THREAD`, `EE_PERF_MEMORY`, `EE_PERF_ARGUMENT`, `EE_PERF_FILTER`
   */
  open(request: PerfRequest): PerfArming;
  /** Switches the one-shot events of a thread on again. */
  rearm(tid: number): void;
  /** Takes what is in the rings now, calling back synchronously. */
  drain(): void;
  /** When the last thread has ended: drains, and tells what was lost at the very end. */
  settle(): void;
}

/** x86-64 user registers in the order that samples carry them. */
export const userRegisterNames = [
  'rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rbp', 'rsp', 'rip', 'rflags', 'cs', 'ss',
  'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15',
] as const; // prettier-ignore
