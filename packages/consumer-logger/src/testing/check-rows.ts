/**
 * Puts the events of one row one into the other, as the two viewers do, and throws where one of them
 * would leave an event out.
 */
import type { TraceEvent } from './check-trace.ts';

interface Slice {
  readonly start: number;
  readonly dur: number;
}

const isThreads = ({ ph, s }: TraceEvent): boolean => ph === 'X' || s === 't';

/** All events but metadata. */
export function checkRows(events: readonly TraceEvent[]): void {
  for (const row of groupBy(events, ({ pid, tid }) => `${pid}:${tid}`).values()) {
    nestInPerfetto(row.filter(isThreads));
    nestInDevTools(row);
  }
}

// Perfetto, importers/json/json_trace_tokenizer.cc, CoerceToTs.
const toNs = (us: number): number => (Number.isInteger(us) ? us * 1000 : Math.round(us * 1000));

// Perfetto, sorter/trace_sorter.h (order) and importers/common/slice_tracker.cc (MaybeCloseStack). A
// slice that is half over another is dropped, or shown on a track of its own with an error message.
function nestInPerfetto(row: readonly TraceEvent[]): void {
  const slices = row.map(({ dur = 0, ts }) => ({ start: toNs(ts), dur: toNs(dur) }));
  const open: Slice[] = [];
  for (const slice of slices.toSorted((a, b) => a.start - b.start || b.dur - a.dur)) {
    const { dur, start } = slice;
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      const end = last.start + last.dur;
      // Instants at the same time are put one into the other.
      if (end > start || (end === start && last.dur === 0 && dur === 0)) break;
      open.pop();
    }
    for (const other of open) {
      const end = other.start + other.dur;
      demand(start >= end || start + dur <= end, 'half over another in Perfetto', slice);
    }
    demand(open.length < 512, 'too deep for Perfetto', slice);
    open.push(slice);
  }
}

// DevTools, models/trace/helpers: eventTimeComparator in Trace.js, treify in TreeHelpers.js.
function nestInDevTools(row: readonly TraceEvent[]): void {
  const slices = row.map(({ dur = 0, ts }) => ({ start: ts, dur }));
  const open: Slice[] = [];
  for (const slice of slices.toSorted(
    (a, b) => a.start - b.start || b.start + b.dur - (a.start + a.dur),
  )) {
    const { dur, start } = slice;
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      if (start < last.start + last.dur) break;
      open.pop();
    }
    const around = open.at(-1);
    const isInside = around === undefined || start + dur <= around.start + around.dur;
    demand(isInside, 'half over another in DevTools', slice);
    open.push(slice);
  }
}

function demand(isRight: boolean, what: string, slice: Slice): void {
  if (!isRight) throw new RangeError(`${what}: ${JSON.stringify(slice)}`);
}

/** `Map.groupBy`, which Node.js has from 21 on. */
export function groupBy<T, K>(all: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}
