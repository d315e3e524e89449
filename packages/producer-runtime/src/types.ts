import type { Producer } from '@extension-events/core';
import type { V8Host } from '@extension-events/platform-v8';

/** A place in the program, as written. Lines and columns count from 1. */
export interface RuntimePlace {
  /** The innermost function of the program; `(anonymous)` when it has no name. */
  readonly function?: string;
  /** A path, else an url. */
  readonly url?: string;
  readonly line?: number;
  readonly column?: number;
  /** The stack, innermost first, one frame a line. */
  readonly stack?: string;
}

/** A place, and what is called there. */
export interface RunningPlace extends RuntimePlace {
  /** Function of V8 or Node that it calls, such as `RegExp.test` or `Atomics.wait`. */
  readonly native?: string;
  /** The script that V8 runs, and the line in it, from 1, where the function starts. */
  readonly scriptUrl?: string;
  readonly functionLine?: number;
}

/** Payload of `event-loop.stall` and `event-loop.recovered`. */
export interface EventLoopStallPayload extends RunningPlace {
  /** Since the loop last turned, without the time in which a debugger held the thread. */
  readonly durationMs: number;
  /** `script`, `native` or `waiting`. */
  readonly state: string;
  /** CPU time of the thread meanwhile. */
  readonly cpuMs?: number;
  /** How often this stall has been told. */
  readonly count: number;
  /** The call that blocked was over when the thread answered: the place is what it came to next. */
  readonly isAfter?: boolean;
}

/** Payload of `heap.near-limit`. */
export interface HeapNearLimitPayload extends RunningPlace {
  readonly usedBytes: number;
  readonly limitBytes: number;
  /** usedBytes / limitBytes. */
  readonly share: number;
}

/** Payload of `gc.pause`. */
export interface GcPausePayload {
  /** `scavenge`, `minor-mark-sweep`, `mark-sweep`, `incremental` or `weak-callbacks`. */
  readonly kind: string;
  readonly durationMs: number;
  readonly isForced: boolean;
  /** Used heap when the event was posted. */
  readonly heapUsedBytes: number;
}

/** An error, or whatever else was thrown. */
export interface FailurePayload extends RuntimePlace {
  /** Class of the error, else the type of the value. */
  readonly name: string;
  readonly message: string;
  /** Its `code`, such as `ECONNRESET`. */
  readonly code?: string;
}

/** Payload of `promise.rejected`. */
export interface PromiseRejectedPayload extends FailurePayload {
  /** The program has an `unhandledRejection` listener. */
  readonly isListenedFor: boolean;
}

/** Payload of `exception.thrown`. */
export interface ExceptionThrownPayload extends FailurePayload {
  readonly isCaught: boolean;
  /** `uncaughtException`, `unhandledRejection` or `throw`. */
  readonly origin: string;
  readonly note?: string;
}

/** Payload of `worker.started`. */
export interface WorkerStartedPayload {
  readonly threadId: number;
  readonly name: string;
  /** A path or an url. */
  readonly file?: string;
}

/** Payload of `worker.exited`. */
export interface WorkerExitedPayload extends WorkerStartedPayload {
  /** Missing when its parent ended before. */
  readonly exitCode?: number;
  /** Why Node ended it, such as `ERR_WORKER_OUT_OF_MEMORY`. */
  readonly error?: string;
  /** Missing when it was there before. */
  readonly durationMs?: number;
}

/** Payload of `timer.late`. */
export interface TimerLatePayload {
  readonly delayMs: number;
  readonly lateMs: number;
  /** Name of its function. */
  readonly callback: string;
  readonly isInterval: boolean;
}

declare module '@extension-events/core' {
  interface EventMap {
    'event-loop.stall': EventLoopStallPayload;
    'event-loop.recovered': EventLoopStallPayload;
    'heap.near-limit': HeapNearLimitPayload;
    'gc.pause': GcPausePayload;
    'promise.rejected': PromiseRejectedPayload;
    'exception.thrown': ExceptionThrownPayload;
    'worker.started': WorkerStartedPayload;
    'worker.exited': WorkerExitedPayload;
    'timer.late': TimerLatePayload;
  }
}

/** The part that runs inside each thread. */
export type ThreadRuntimeProducer = Producer<undefined> & { readonly placement: 'thread' };

/** The part that runs beside the threads. */
export type BesideRuntimeProducer = Producer<V8Host> & { readonly placement: 'agent' };
