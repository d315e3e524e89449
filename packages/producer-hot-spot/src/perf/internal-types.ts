import type { ChainEntry } from '@extension-events/platform-linux';
import type { ResolvedAddress, SourceLine } from '@extension-events/platform-linux/symbols';

/** Of threads that the kernel alone knows; Node's own numbers start at 0. */
export const noThreadId = -1;

/** What samples are counted by: a function, a source line or one instruction. */
export interface NativeCount {
  /** Tells it from all others. */
  readonly key: string;
  /** How many samples met it, over all armings; decides whose call chain is kept. */
  seen: number;
}

/** A place as detectors take it. */
export interface NativePlace {
  readonly function: NativeCount;
  /** Native places are told apart by their key alone. */
  readonly line: 0;
}

/** A function by the name that a person knows, and where it was written when the name tells. */
export interface NativeName {
  readonly function: string;
  readonly url?: string;
  readonly line?: number;
}

/** One instruction address of one process, and what is known about it. */
export interface Spot {
  readonly pc: bigint;
  readonly pid: number;
  readonly isKernel: boolean;
  readonly resolved: ResolvedAddress;
  readonly name: NativeName;
  readonly byFunction: NativePlace;
  readonly byPc: NativePlace;
  /** Source lines, innermost first, once they were asked for and came. */
  lines: readonly SourceLine[] | undefined;
  byLine: NativePlace | undefined;
  /** When to look again at what lies at this address. */
  readonly untilNs: number;
}

/** One sample, kept as long as the window is. */
export interface Hit {
  /** CLOCK_MONOTONIC. */
  timeNs: number;
  readonly tid: number;
  readonly spot: Spot;
  place: NativePlace;
  /** Some samples keep their call chain, innermost first. */
  readonly chain: readonly ChainEntry[] | undefined;
}

/** What the hits of a place say together. */
export interface NativeEvidence {
  /** The hottest instruction. */
  readonly spot: Spot;
  /** The thread with the most hits. */
  readonly tid: number;
  /** The hottest call chain. */
  readonly chain: readonly ChainEntry[];
}
