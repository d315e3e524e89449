import type { Series } from '../../../src/graph-types.ts';
import type { IncidentsView, IncidentView } from '../../../src/server/messages.ts';
import { formatCount, formatTime } from '../lib/format.ts';
import { visible } from '../lib/plain-value.ts';
import { colour, lineColours } from '../lib/theme.ts';
import type { Surface } from '../lib/use-canvas.ts';
import { bucketAt } from './hovered.ts';

/** What one row of the timeline shows. */
export interface MarkedTime {
  readonly fromMs: number;
  readonly toMs: number;
  readonly incidents: IncidentsView['items'];
  readonly series: Series | undefined;
}

const axis = 20;
const near = 0.006;

/** Ticks for single incidents; before the oldest that is kept, bars of counts. */
export function drawMarks(
  { context, height, width }: Surface,
  time: MarkedTime,
  index: number,
  hasAxis: boolean,
): void {
  const { fromMs, series, toMs } = time;
  const place = (timeMs: number): number => ((timeMs - fromMs) / (toMs - fromMs)) * width;
  const floor = hasAxis ? height - axis : height;
  const [mark, grid, quiet] = [lineColours()[index % 8] ?? '', colour('grid'), colour('quiet')];
  context.fillStyle = grid;
  context.fillRect(0, Math.floor(floor) - 1, width, 1);
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'top';
  const step = stepFor((toMs - fromMs) / Math.max(1, width / 100));
  for (let at = Math.ceil(fromMs / step) * step; at < toMs; at += step) {
    context.fillStyle = grid;
    context.fillRect(Math.round(place(at)), 0, 1, floor);
    context.fillStyle = quiet;
    if (hasAxis && place(at) + 46 < width) context.fillText(formatTime(at), Math.round(place(at)) - 22, floor + 5); // prettier-ignore
  }
  const marks = eventsOf(time);
  const oldest = marks[0]?.timeMs ?? toMs;
  const [line] = series?.lines ?? [];
  context.fillStyle = mark;
  if (series !== undefined && line !== undefined) {
    const most = Math.max(1, ...line.counts);
    context.globalAlpha = 0.45;
    for (const [i, count] of line.counts.entries()) {
      const start = series.startMs + i * series.bucketMs;
      if (count === 0 || start >= oldest) continue;
      const size = Math.max(2, (count / most) * (floor - 6));
      const left = place(start);
      context.fillRect(left, floor - size, Math.max(1, place(start + series.bucketMs) - left - 0.5), size); // prettier-ignore
    }
    context.globalAlpha = 1;
  }
  for (const { timeMs } of marks)
    if (timeMs >= fromMs && timeMs <= toMs)
      context.fillRect(place(timeMs) - 0.75, 4, 1.5, floor - 8);
}

function eventsOf({ incidents }: MarkedTime): IncidentView[] {
  return incidents.filter((item) => item.kind === 'event');
}

/** What is at a place, 0 to 1 across: the nearest incident, or the count of its time. */
export function markUnder(
  time: MarkedTime,
  x: number,
): { timeMs: number; text: string } | undefined {
  const { fromMs, series, toMs } = time;
  const atMs = fromMs + x * (toMs - fromMs);
  const marks = eventsOf(time);
  const [first] = marks;
  const nearest = marks.toSorted(
    (a, b) => Math.abs(a.timeMs - atMs) - Math.abs(b.timeMs - atMs),
  )[0];
  if (nearest !== undefined && Math.abs(nearest.timeMs - atMs) < near * (toMs - fromMs))
    return { timeMs: nearest.timeMs, text: `${visible(nearest.event)} in ${visible(nearest.threadName)}` }; // prettier-ignore
  if (series === undefined || (first !== undefined && atMs >= first.timeMs)) return undefined;
  const bucket = bucketAt(series, atMs);
  const count = bucket === undefined ? 0 : (series.lines[0]?.counts[bucket] ?? 0);
  return count === 0 || bucket === undefined ? undefined : { timeMs: series.startMs + bucket * series.bucketMs, text: `${formatCount(count)} incidents` }; // prettier-ignore
}

const steps = [1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000]; // prettier-ignore

function stepFor(leastMs: number): number {
  return steps.find((step) => step >= leastMs) ?? 7_200_000;
}
