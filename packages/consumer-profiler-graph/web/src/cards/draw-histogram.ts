import type { Histogram, HistogramBucket } from '../../../src/graph-types.ts';
import { formatShort } from '../lib/format.ts';
import { colour } from '../lib/theme.ts';
import type { Surface } from '../lib/use-canvas.ts';
import { type ValueScale, valueScale } from './value-scale.ts';

const left = 46;
const right = 8;
const bottom = 20;
const top = 16;
const labelWidth = 84;

const scaleOf = ({ buckets, unit }: Histogram): ValueScale => valueScale(buckets, unit === 'By');

/** Bars where their values lie: what nobody posted is a gap. */
export function drawHistogram(
  { context, height, width }: Surface,
  histogram: Histogram,
  show: (value: number) => string,
  pointer: number | undefined,
): void {
  const { buckets, quantiles } = histogram;
  const scale = scaleOf(histogram);
  const inner = width - left - right;
  const most = Math.max(1, ...buckets.map(({ count }) => count));
  const floor = height - bottom;
  const place = (value: number): number => left + scale.place(value) * inner;
  const under = pointer === undefined ? undefined : bucketUnder(histogram, pointer, width);
  const [bar, strong, quiet] = [colour('line-1'), colour('text'), colour('quiet')];
  context.font = '11px system-ui, sans-serif';
  drawCounts({ context, height, width }, most);
  for (const bucket of buckets) {
    const { count, fromValue, toValue } = bucket;
    if (count === 0) continue;
    const size = Math.max(1.5, (count / most) * (floor - top));
    const start = place(fromValue);
    const gap = place(toValue) - start > 4 ? 1 : 0;
    context.fillStyle = bucket === under ? strong : bar;
    context.fillRect(start, floor - size, Math.max(1.5, place(toValue) - start - gap), size);
  }
  context.fillStyle = quiet;
  context.textBaseline = 'top';
  context.textAlign = 'left';
  let free = -Infinity;
  for (const tick of scale.ticks(Math.max(2, Math.floor(inner / labelWidth)))) {
    const at = place(tick);
    context.fillRect(at, floor, 1, 4);
    const text = show(tick);
    const size = context.measureText(text).width;
    const start = Math.min(Math.max(0, at - size / 2), width - size);
    if (start < free) continue;
    context.fillText(text, start, floor + 6);
    free = start + size + 10;
  }
  drawQuantiles({ context, height, width }, quantiles, place);
}

/** How many incidents a bar is: lines at round counts. */
function drawCounts({ context, height, width }: Surface, most: number): void {
  const floor = height - bottom;
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, power * ([1, 2, 5].find((one) => one * power >= rough) ?? 10));
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (let count = 0; count <= most; count += step) {
    const y = Math.round(floor - (count / most) * (floor - top));
    context.fillStyle = colour('grid');
    context.fillRect(left, y, width - left - right, 1);
    context.fillStyle = colour('quiet');
    context.fillText(formatShort(count), left - 6, y);
  }
}

function drawQuantiles(
  { context, height, width }: Surface,
  { p50, p90, p99 }: Histogram['quantiles'],
  place: (value: number) => number,
): void {
  let free = -Infinity;
  context.fillStyle = colour('text');
  for (const [name, value] of Object.entries({ p50, p90, p99 })) {
    if (value === undefined) continue;
    const at = place(value);
    context.globalAlpha = 0.55;
    context.fillRect(at, top - 2, 1, height - bottom - top + 2);
    context.globalAlpha = 1;
    if (at < free) continue;
    context.fillText(name, Math.min(at + 3, width - 26), 1);
    free = at + 28;
  }
}

/** @param pointer - across the canvas, 0 to 1 */
export function bucketUnder(
  histogram: Histogram,
  pointer: number,
  width: number,
): HistogramBucket | undefined {
  const scale = scaleOf(histogram);
  const at = (pointer * width - left) / (width - left - right);
  // A thin bar is found beside it too.
  const near = 1.5 / Math.max(1, width);
  return histogram.buckets.find(({ fromValue, toValue }) => at >= scale.place(fromValue) - near && at < scale.place(toValue) + near); // prettier-ignore
}
