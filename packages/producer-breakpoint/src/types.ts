import type { Producer } from '@extension-events/core';
import type { LinuxHost } from '@extension-events/platform-linux';
import type { V8Host } from '@extension-events/platform-v8';

/** Payload of `breakpoint.hit`. Lines and columns count from 1. */
export interface BreakpointHitPayload {
  /** The place as it was asked for. */
  readonly location: string;
  /** Name of the function; `(anonymous)` when it has none. */
  readonly function?: string;
  /** Where it was written: a path, else an url such as `node:fs`. */
  readonly url?: string;
  readonly line?: number;
  readonly column?: number;
  /** Passes of this thread so far, this one included. */
  readonly hits: number;
  /** Captures: a JSON object of name and printed value. */
  readonly values?: string;
  /** Of native threads: program counter, symbol, loaded file. */
  readonly pc?: bigint;
  readonly symbol?: string;
  readonly module?: string;
  readonly note?: string;
  /** `condition` (JavaScript), `uprobe` or `hardware`. */
  readonly method: string;
  /** The place in the script that V8 runs. */
  readonly scriptId?: string;
  readonly scriptUrl?: string;
  readonly scriptLine?: number;
  readonly scriptColumn?: number;
  readonly functionLine?: number;
  /** The stack, innermost first, one frame a line. */
  readonly stack?: string;
}

/** Payload of `step` and `step.block`. */
export interface StepPayload {
  /** The instruction that comes next. */
  readonly pc: bigint;
  readonly symbol?: string;
  readonly module?: string;
  readonly function?: string;
  readonly url?: string;
  readonly line?: number;
  /** Steps so far, this one included. */
  readonly count: number;
  /** Why the steps ended here. */
  readonly note?: string;
}

/** Payload of `branch-buffer.full`. */
export interface BranchBufferFullPayload {
  /** `bts`, `pt` or `lbr`. */
  readonly buffer: string;
  /** Branches that it held. */
  readonly count: number;
  readonly pc: bigint;
  readonly symbol?: string;
  readonly module?: string;
}

declare module '@extension-events/core' {
  interface EventMap {
    'breakpoint.hit': BreakpointHitPayload;
    step: StepPayload;
    'step.block': StepPayload;
    'branch-buffer.full': BranchBufferFullPayload;
  }
}

/** Breakpoints in JavaScript, beside its threads. */
export type ScriptBreakpointProducer = Producer<V8Host> & { readonly placement: 'agent' };

/** Breakpoints and steps of native threads, from another process. */
export type NativeBreakpointProducer = Producer<LinuxHost> & { readonly placement: 'host' };
