import uPlot from 'uplot';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Series } from '../../../src/graph-types.ts';
import { link } from '../link/the-link.ts';
import { paint } from '../lib/theme.ts';
import { select, view } from '../model/page-state.ts';
import { chartOptions } from './chart-options.ts';
import { completeBuckets, toChartData } from './chart-data.ts';
import { hovered } from './hovered.ts';

interface Props {
  readonly series: Series;
  /** How much time is shown. */
  readonly rangeMs: number;
  /** When the picture was frozen; `undefined` while it moves. */
  readonly pausedMs: number | undefined;
  /** Since when it is heard. */
  readonly sinceMs: number;
  /** Since when nothing of it can come any more. */
  readonly endedMs: number | undefined;
}

/** Incidents a second over time; dragging selects a span. */
export function SeriesChart({ endedMs, pausedMs, rangeMs, series, sinceMs }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const isDragging = useRef(false);
  const key = series.lines.map(({ key: name }) => name).join('\n');
  const hasLost = series.lost.some((count) => count > 0);
  const { selection } = view.value;
  // The last bucket is still being filled: it is not drawn before it is full.
  const complete = useMemo(() => completeBuckets(series, pausedMs ?? link.nowMs()), [series, pausedMs]); // prettier-ignore
  const data = useMemo(() => toChartData(series, hasLost, complete, sinceMs, endedMs), [series, hasLost, complete, sinceMs, endedMs]); // prettier-ignore
  // Lines that come or go, and other colours, are another chart.
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const labels = series.lines.map(({ label }) => label);
    const { clientHeight: height, clientWidth: width } = element;
    const made = new uPlot(chartOptions({ labels, hasLost, width, height, onSelect: select, onHover: (index) => hovered(series, index) }), data, element); // prettier-ignore
    chart.current = made;
    const drag = ({ type }: Event): void => {
      isDragging.current = type === 'mousedown';
    };
    made.over.addEventListener('mousedown', drag);
    document.addEventListener('mouseup', drag);
    const sizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: element.clientHeight })); // prettier-ignore
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      document.removeEventListener('mouseup', drag);
      made.destroy();
      chart.current = undefined;
    };
  }, [key, hasLost, paint.value]);
  useEffect(() => {
    const made = chart.current;
    if (made === undefined) return;
    const endMs = series.startMs + complete * series.bucketMs;
    const startMs = endMs - rangeMs;
    made.batch(() => {
      made.setData(data, false);
      made.setScale('x', { min: startMs, max: endMs });
    });
  }, [data, complete, rangeMs, key, hasLost, paint.value]);
  useEffect(() => {
    const made = chart.current;
    // New numbers do not take away what is being dragged over.
    if (made === undefined || isDragging.current) return;
    showSelection(made, selection);
  }, [selection, data, key, paint.value]);
  const total = series.lines.reduce((sum, line) => sum + line.total, 0);
  return <div class="chart-place" ref={place} role="img" aria-label={`Incidents over time: ${total} in this range`} />; // prettier-ignore
}

function showSelection(
  chart: uPlot,
  selection: { fromMs: number; toMs: number } | undefined,
): void {
  if (selection === undefined) {
    chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    return;
  }
  const left = Math.max(0, chart.valToPos(selection.fromMs, 'x'));
  const right = Math.min(chart.over.clientWidth, chart.valToPos(selection.toMs, 'x'));
  chart.setSelect({ left, top: 0, width: Math.max(0, right - left), height: chart.over.clientHeight }, false); // prettier-ignore
}
