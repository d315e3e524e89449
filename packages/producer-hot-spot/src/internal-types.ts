import type { ProfileNode } from '@extension-events/platform-v8';

/** A function as V8 generated it. `line` and `column` (from 1) are where it starts. */
export interface HotFunction {
  /** Tells it from all others of the thread. */
  readonly key: string;
  readonly functionName: string;
  readonly scriptId: string;
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/** What samples are counted by: a line of a function, and what native function it called, if any. */
export interface Place {
  readonly key: string;
  /** `undefined`: busy, but nowhere in JavaScript ((program), garbage collection). */
  readonly function: HotFunction | undefined;
  /** Generated line, from 1; 0 when the profiler does not tell. */
  readonly line: number;
  /** Empty when the time is spent in JavaScript. */
  readonly native: string;
}

/** One sample of a busy thread. */
export interface Sample {
  /** CLOCK_MONOTONIC. */
  readonly timeNs: number;
  readonly place: Place;
  /** Where it stands in the profile: its stack. */
  readonly node: ProfileNode;
}

/** A stretch of time on CLOCK_MONOTONIC. */
export interface Interval {
  readonly fromNs: number;
  readonly toNs: number;
}

/** What a detector counts: of V8's samples and of perf's alike. */
export interface Countable<F> {
  /** CLOCK_MONOTONIC. */
  readonly timeNs: number;
  readonly place: { readonly function: F | undefined; readonly line: number };
}

/** A place that gathered enough samples, or the hottest one. */
export interface Finding<F = HotFunction> {
  readonly function: F;
  /** The line that was counted, when counting by line; else 0. */
  readonly line: number;
  readonly hits: number;
  /** Busy samples in the window. */
  readonly samples: number;
  /** When the last needed sample was taken, CLOCK_MONOTONIC. */
  readonly timeNs: number;
}
