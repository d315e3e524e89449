import type { CapturedStacks } from './captured-stacks.ts';
import type { Incident, IncidentGap, TimeRange } from './graph-types.ts';
import type { IncidentTail } from './incident-tail.ts';

/** Which of the incidents that are kept are told, and how. */
export interface IncidentsRead {
  readonly limit: number;
  readonly range: TimeRange | undefined;
  readonly nowMs: number;
  readonly captured: CapturedStacks | undefined;
}

/** The newest incidents of a range, with the stacks that were captured for them. */
export function readIncidents(
  tail: IncidentTail,
  { captured, limit, nowMs, range }: IncidentsRead,
): (Incident | IncidentGap)[] {
  const items =
    range === undefined ? tail.newest(limit) : within(tail.items, range, nowMs).slice(-limit);
  if (captured === undefined) return items;
  return items.map((item) => {
    if (item.kind === 'loss') return item;
    const stack = captured.find(item.pid, item.tid, item.timestampNs) ?? item.stack;
    return stack === undefined ? item : { ...item, stack };
  });
}

// A gap has no time of its own: it is told with its neighbours.
function within(
  kept: readonly (Incident | IncidentGap)[],
  range: TimeRange,
  nowMs: number,
): (Incident | IncidentGap)[] {
  const [fromMs, toMs] =
    'lastMs' in range ? [nowMs - range.lastMs, Number.POSITIVE_INFINITY] : [range.fromMs, range.toMs]; // prettier-ignore
  let isIn = false;
  return kept.filter((item) => {
    if (item.kind === 'event') isIn = item.timeMs >= fromMs && item.timeMs < toMs;
    return isIn;
  });
}
