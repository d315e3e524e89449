import uPlot from 'uplot';
import { formatShort, formatTime } from '../lib/format.ts';
import { colour, lineColours } from '../lib/theme.ts';
import type { Span } from '../model/page-view.ts';

interface Wanted {
  readonly labels: readonly string[];
  readonly hasLost: boolean;
  readonly width: number;
  readonly height: number;
  readonly onSelect: (span: Span) => void;
  /** Index of the bucket under the pointer. */
  readonly onHover: (index: number | undefined) => void;
}

const font = '11px system-ui, sans-serif';
/** A smaller movement is a click. */
const leastDrag = 6;

/** How incidents over time are drawn. */
export function chartOptions({
  hasLost,
  height,
  labels,
  onHover,
  onSelect,
  width,
}: Wanted): uPlot.Options {
  const colours = lineColours();
  const [axis, grid] = [colour('quiet'), colour('grid')];
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const paths = stepped === undefined ? {} : { paths: stepped };
  const line = (label: string, i: number): uPlot.Series => {
    const stroke = colours[i % colours.length] ?? axis;
    const fill =
      labels.length === 1 ? { fill: `color-mix(in srgb, ${stroke} 22%, transparent)` } : {};
    return { label, stroke, width: 1.5, points: { show: false }, ...paths, ...fill };
  };
  const lost: uPlot.Series = { label: 'lost', stroke: colour('bad'), width: 1, dash: [3, 2], points: { show: false }, ...paths }; // prettier-ignore
  return {
    width,
    height,
    ms: 1,
    padding: [8, 28, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 6 },
      drag: { x: true, y: false, setScale: false, dist: leastDrag },
      sync: { key: 'time', setSeries: false },
    },
    scales: {
      x: { time: true },
      y: { range: (_chart, _min, max) => [0, Math.max(1, max * 1.08)] },
    },
    axes: [
      { stroke: axis, font, size: 22, gap: 3, space: 80, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, size: 4 }, values: (_chart, times) => times.map(formatTime) }, // prettier-ignore
      { stroke: axis, font, size: 46, gap: 5, space: 30, grid: { stroke: grid, width: 1 }, ticks: { show: false }, values: (_chart, rates) => rates.map((rate) => `${formatShort(rate)}/s`) }, // prettier-ignore
    ],
    series: [{}, ...labels.map(line), ...(hasLost ? [lost] : [])],
    hooks: {
      setCursor: [(chart) => onHover(chart.cursor.idx ?? undefined)],
      setSelect: [
        (chart) => {
          const { left, width: dragged } = chart.select;
          if (dragged < leastDrag) return;
          onSelect({ fromMs: Math.round(chart.posToVal(left, 'x')), toMs: Math.round(chart.posToVal(left + dragged, 'x')) }); // prettier-ignore
        },
      ],
    },
  };
}
