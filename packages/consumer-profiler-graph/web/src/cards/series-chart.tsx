import uPlot from 'uplot';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Series, TimeRange } from '../../../src/graph-types.ts';
import { link } from '../link/the-link.ts';
import { paint } from '../lib/theme.ts';
import { select, view } from '../model/page-state.ts';
import { chartOptions } from './chart-options.ts';
import { completeBuckets, toChartData } from './chart-data.ts';
import { hovered } from './hovered.ts';

interface Props {
  readonly series: Series;
  readonly range: TimeRange;
  /** The last bucket is still being filled: it is not drawn before it is full. */
  readonly isLive: boolean;
  /** Since when it is heard. */
  readonly sinceMs: number;
}

/** Incidents a second over time; dragging selects a span. */
export function SeriesChart({ isLive, range, series, sinceMs }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const key = series.lines.map(({ key: name }) => name).join('\n');
  const hasLost = series.lost.some((count) => count > 0);
  const { selection } = view.value;
  const data = useMemo(() => toChartData(series, hasLost, isLive ? completeBuckets(series, link.nowMs()) : Infinity, sinceMs), [series, hasLost, isLive, sinceMs]); // prettier-ignore
  // Lines that come or go, and other colours, are another chart.
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const labels = series.lines.map(({ label }) => label);
    const { clientHeight: height, clientWidth: width } = element;
    const made = new uPlot(chartOptions({ labels, hasLost, width, height, onSelect: select, onHover: (index) => hovered(series, index) }), data, element); // prettier-ignore
    chart.current = made;
    const sizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: element.clientHeight })); // prettier-ignore
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      made.destroy();
      chart.current = undefined;
    };
  }, [key, hasLost, paint.value]);
  useEffect(() => {
    const made = chart.current;
    if (made === undefined) return;
    const endMs = 'lastMs' in range ? series.startMs + completeBuckets(series, link.nowMs()) * series.bucketMs : range.toMs; // prettier-ignore
    const startMs = 'lastMs' in range ? endMs - range.lastMs : range.fromMs;
    made.batch(() => {
      made.setData(data, false);
      made.setScale('x', { min: startMs, max: endMs });
    });
  }, [data, range, key, hasLost, paint.value]);
  useEffect(() => {
    const made = chart.current;
    if (made === undefined) return;
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
