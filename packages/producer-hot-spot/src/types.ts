import type { EventTypeDescriptor, Registry } from '@extension-events/core';
import type { V8Host } from '@extension-events/platform-v8';

/** Where time is spent. Lines and columns count from 1. */
export interface HotSpotLocation {
  /** Who sampled: `v8` or `perf`. */
  readonly source: string;
  /** Name as written; `(anonymous)` when it has none. */
  readonly function: string;
  /** Where it was written: a path, else an url such as `node:fs`. */
  readonly url: string;
  /** 0 when not known. */
  readonly line: number;
  readonly column?: number;
  /** Built-in or native function called there that takes the time. */
  readonly native?: string;
}

/** Of samples by perf only. */
export interface HotSpotMachinePlace {
  readonly symbol?: string;
  /** Loaded file, or `[jit]`, `[kernel]`, `[vdso]`. */
  readonly module?: string;
  /** Bytes from the start of the symbol; of the module where there is no symbol. */
  readonly offset?: number;
  /** Hottest instruction address. */
  readonly pc?: bigint;
  /** Process of the thread, when the whole system is watched. */
  readonly pid?: number;
}

/** Payload of `hot-spot` and of `hot-spot.candidate`. */
export interface HotSpotPayload extends HotSpotLocation, HotSpotMachinePlace {
  /** Of V8 samples, as are the next five. Script in the inspector; empty when not known. */
  readonly scriptId?: string;
  /** The script that V8 runs, and the place in it, for breakpoints. */
  readonly scriptUrl?: string;
  readonly scriptLine?: number;
  readonly scriptColumn?: number;
  /** Where the function starts in that script. */
  readonly functionLine?: number;
  readonly functionColumn?: number;
  /** Samples there within the window. */
  readonly hits: number;
  /** Busy samples of the thread, or of the scope, within the window. */
  readonly samples: number;
  /** hits / samples. */
  readonly share: number;
  readonly windowMs: number;
  /** V8: interrupts of the thread found it there too. perf: the address is exact. */
  readonly confirmed: boolean;
  readonly note?: string;
  /** A stack of that place, innermost first, one frame a line. */
  readonly stack: string;
}

/** Payload of `hot-spot.candidate`. */
export type HotSpotCandidatePayload = HotSpotPayload;

/** Payload of `hot-spot.sample`. */
export interface HotSpotSamplePayload extends HotSpotLocation, HotSpotMachinePlace {
  /** The stack, innermost first; V8 has callers at the start of their function. */
  readonly stack: string;
}

declare module '@extension-events/core' {
  interface EventMap {
    'hot-spot': HotSpotPayload;
    'hot-spot.candidate': HotSpotCandidatePayload;
    'hot-spot.sample': HotSpotSamplePayload;
  }
}

/** The part of core's registry that this producer needs. */
export type HotSpotRegistry = Pick<Registry, 'registerEventType'>;

/** Can it run in this process? */
export type Support =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly reason: string; readonly hint: string };

/** What an agent needs to know of this producer. */
export interface HotSpotProducer {
  readonly id: string;
  readonly description: string;
  readonly placement: 'agent';
  readonly eventTypes: readonly EventTypeDescriptor[];
  isSupported(): Support;
  /** Registers the event types; sampling begins when one is armed. */
  start(registry: HotSpotRegistry, host: V8Host): Disposable;
}
