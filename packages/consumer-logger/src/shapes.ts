/**
 * The shapes of NDJSON, in one place: those of `extev listen --json` and of files. Each line begins
 * with `"v":1`; a field may be added within a version, none is renamed, removed or given another
 * meaning.
 */
import type { EventItem, Summary } from '@extension-events/session';
import type { LoggedLoss } from './types.ts';

export const shapeVersion = 1;

/** One event. */
export function eventShape(item: EventItem): object {
  const { event, payload, pid, seq, stack, tid, timestampNs } = item;
  return {
    v: shapeVersion,
    event,
    pid,
    tid,
    timestampNs,
    seq,
    payload,
    ...(stack === undefined ? {} : { stack }),
  };
}

/** Events that are missing at this place. */
export function lossShape({ count, pattern, pid, reason, tid }: LoggedLoss): object {
  return {
    v: shapeVersion,
    loss: { pid, tid, count, reason, ...(pattern === undefined ? {} : { pattern }) },
  };
}

/** The last line. */
export function summaryShape({ delivered, lost, matched, throttled }: Summary): object {
  return { v: shapeVersion, summary: { matched, delivered, lost, throttled } };
}
