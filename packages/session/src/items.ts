import type { AnyPayload } from '@extension-events/core';
import type { LossReason } from '@extension-events/protocol';

/** One event as a consumer gets it. */
export interface EventItem<P = AnyPayload> {
  readonly kind: 'event';
  readonly event: string;
  /** The poster's process, and the subject thread. */
  readonly pid: number;
  readonly tid: number;
  readonly threadId: number;
  /** CLOCK_MONOTONIC. */
  readonly timestampNs: number;
  /** Contiguous per (listen, thread); a gap is a loss. */
  readonly seq: number;
  readonly payload: P;
  /** Frames, innermost first, when asked for. */
  readonly stack?: readonly string[];
  readonly armId?: number;
}

/** At this place of the stream `count` matching events of a thread are missing. */
export interface LossItem {
  readonly kind: 'loss';
  readonly tid: number;
  readonly threadId: number;
  readonly reason: LossReason;
  readonly count: number;
}

/** What became of all events that matched: matched = delivered + lost + throttled. */
export interface Summary {
  readonly matched: number;
  readonly delivered: number;
  readonly lost: number;
  readonly throttled: number;
}
