import type { PerfSession } from './perf/session-types.ts';
import type { Symbols } from './symbols/types.ts';

/** One thread of the watched process. */
export interface LinuxThread {
  readonly tid: number;
  /** The kernel's name of it: at most 15 characters. */
  readonly name: string;
}

/** Threads that came and went. */
export interface ThreadChange {
  readonly added: readonly LinuxThread[];
  readonly removed: readonly LinuxThread[];
}

/** One process as a host, which is another process, shows it to producers of placement `host`. */
export interface LinuxHost {
  readonly pid: number;
  /** The threads that live now. */
  readonly threads: readonly LinuxThread[];
  onThreads(listener: (change: ThreadChange) => void): Disposable;
  /** Does an agent speak for this thread (JavaScript)? Then sources of its own see it better. */
  isScripted(tid: number): boolean;
  /** perf_event_open(2) on the threads of the process. */
  readonly perf: PerfSession;
  /** Symbols and source lines of the process. */
  readonly symbols: Symbols;
}
