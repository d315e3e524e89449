import type { RawRecord } from '@extension-events/session';

/** Something that grows with each event of a source. */
export interface Aggregate {
  /** Since when, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** Changes whenever what it would tell has changed. */
  readonly version: number;
  add(record: RawRecord, timeMs: number, pid: number): void;
}
