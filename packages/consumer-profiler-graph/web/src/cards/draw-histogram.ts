import type { Histogram, HistogramBucket } from '../../../src/graph-types.ts';
import { formatQuantity } from '../lib/format.ts';
import { colour } from '../lib/theme.ts';
import type { Surface } from '../lib/use-canvas.ts';

const left = 8;
const bottom = 20;
const top = 16;

/** Bars of equal width: buckets grow with the values, so the axis is nearly logarithmic. */
export function drawHistogram(
  { context, height, width }: Surface,
  { buckets, field, quantiles }: Histogram,
  unit: string | undefined,
  pointer: number | undefined,
): void {
  const inner = width - 2 * left;
  const most = Math.max(1, ...buckets.map(({ count }) => count));
  const step = inner / Math.max(1, buckets.length);
  const floor = height - bottom;
  const under = pointer === undefined ? -1 : indexUnder(buckets.length, pointer, width);
  const [bar, strong, quiet, grid] = [colour('line-1'), colour('text'), colour('quiet'), colour('grid')]; // prettier-ignore
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = grid;
  context.fillRect(left, floor, inner, 1);
  for (const [i, { count }] of buckets.entries()) {
    if (count === 0) continue;
    const size = Math.max(1.5, (count / most) * (floor - top));
    context.fillStyle = i === under ? strong : bar;
    context.fillRect(left + i * step, floor - size, Math.max(1, step - 1), size);
  }
  context.fillStyle = quiet;
  context.textBaseline = 'top';
  const every = Math.max(1, Math.ceil(90 / step));
  for (let i = 0; i < buckets.length; i += every) {
    const text = formatQuantity(buckets[i]?.fromValue ?? 0, unit, field);
    const at = left + i * step;
    context.fillRect(at, floor, 1, 4);
    if (at + context.measureText(text).width < width) context.fillText(text, at, floor + 6);
  }
  let free = -Infinity;
  for (const [name, value] of [
    ['p50', quantiles.p50],
    ['p90', quantiles.p90],
    ['p99', quantiles.p99],
  ] as const) {
    if (value === undefined) continue;
    const at = left + positionOf(buckets, value) * step;
    context.fillStyle = strong;
    context.globalAlpha = 0.55;
    context.fillRect(at, top - 2, 1, floor - top + 2);
    context.globalAlpha = 1;
    if (at < free) continue;
    context.fillText(name, Math.min(at + 3, width - 26), 1);
    free = at + 28;
  }
}

/** Where a value lies among the buckets, in buckets. */
function positionOf(buckets: readonly HistogramBucket[], value: number): number {
  const index = buckets.findIndex(({ toValue }) => value < toValue);
  const bucket = buckets[index];
  if (bucket === undefined) return buckets.length;
  const { fromValue, toValue } = bucket;
  return index + Math.max(0, (value - fromValue) / Math.max(Number.EPSILON, toValue - fromValue));
}

function indexUnder(length: number, pointer: number, width: number): number {
  const inner = width - 2 * left;
  return Math.floor(((pointer * width - left) / inner) * length);
}

/** @param pointer - across the canvas, 0 to 1 */
export function bucketUnder({ buckets }: Histogram, pointer: number): HistogramBucket | undefined {
  return buckets[Math.min(buckets.length - 1, Math.max(0, Math.floor(pointer * buckets.length)))];
}
