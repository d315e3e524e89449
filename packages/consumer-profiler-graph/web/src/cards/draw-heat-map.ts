import type { HeatMap } from '../../../src/graph-types.ts';
import { formatTime } from '../lib/format.ts';
import { colour, isDarkNow } from '../lib/theme.ts';
import type { Surface } from '../lib/use-canvas.ts';
import { timeTicks } from './time-ticks.ts';
import { placeAmong, valueScale } from './value-scale.ts';

export interface Cell {
  readonly column: number;
  readonly row: number;
}

const left = 62;
const bottom = 20;
const right = 8;

/** Rows that hold anything, and one on either side: the others are empty paper. */
function rowsOf({ columns, edges }: HeatMap): { first: number; count: number } {
  let first = edges.length;
  let last = -1;
  for (const column of columns)
    for (const [row, count] of column.entries()) {
      if (count === 0) continue;
      first = Math.min(first, row);
      last = Math.max(last, row);
    }
  first = Math.max(0, first - 1);
  return { first, count: Math.min(edges.length - 2, last + 1) - first + 1 };
}

export function drawHeatMap(
  { context, height, width }: Surface,
  map: HeatMap,
  show: (value: number) => string,
  hovered: Cell | undefined,
): void {
  const { bucketMs, columns, edges, startMs } = map;
  const rows = rowsOf(map);
  const [inner, floor] = [width - left - right, height - bottom];
  const [step, size] = [inner / Math.max(1, columns.length), floor / Math.max(1, rows.count)];
  const most = Math.max(1, ...columns.map((column) => Math.max(0, ...column)));
  const shades = shadesOf(isDarkNow());
  for (const [x, column] of columns.entries())
    for (let row = 0; row < rows.count; row++) {
      const count = column[rows.first + row] ?? 0;
      if (count === 0) continue;
      // Few incidents are to be seen beside many: the scale is logarithmic.
      const level = Math.log1p(count) / Math.log1p(most);
      context.fillStyle = shades[Math.min(shades.length - 1, Math.floor(level * shades.length))] ?? ''; // prettier-ignore
      const at = Math.floor(left + x * step);
      const y = Math.floor(floor - (row + 1) * size);
      context.fillRect(at, y, Math.ceil(left + (x + 1) * step) - at, Math.ceil(floor - row * size) - y); // prettier-ignore
    }
  const quiet = colour('quiet');
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = quiet;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  const shown = edges.slice(rows.first, rows.first + rows.count + 1);
  for (const value of roundValues(shown, map.unit === 'By', floor / 36)) {
    const y = floor - placeAmong(shown, value) * size;
    context.fillText(show(value), left - 8, Math.max(7, y));
    context.fillRect(left - 5, y, 4, 1);
  }
  context.textBaseline = 'top';
  context.textAlign = 'left';
  const endMs = startMs + columns.length * bucketMs;
  for (const time of timeTicks(startMs, endMs, (90 / step) * bucketMs)) {
    const at = left + ((time - startMs) / bucketMs) * step;
    context.fillRect(at, floor, 1, 4);
    if (at + 50 < width) context.fillText(formatTime(time), at, floor + 6);
  }
  if (hovered === undefined) return;
  context.strokeStyle = colour('text');
  context.strokeRect(left + hovered.column * step, floor - (hovered.row - rows.first + 1) * size, Math.max(2, step), size); // prettier-ignore
}

function roundValues(edges: readonly number[], isBinary: boolean, about: number): number[] {
  const buckets = edges.slice(1).map((toValue, i) => ({ fromValue: edges[i] ?? 0, toValue, count: 0 })); // prettier-ignore
  return valueScale(buckets, isBinary).ticks(Math.max(2, Math.floor(about)));
}

/** The cell at a place of the canvas. */
export function cellUnder(
  map: HeatMap,
  { clientHeight, clientWidth }: HTMLCanvasElement,
  x: number,
  y: number,
): Cell | undefined {
  const rows = rowsOf(map);
  const column = Math.floor(((x - left) / (clientWidth - left - right)) * map.columns.length);
  const row = rows.first + Math.floor(((clientHeight - bottom - y) / (clientHeight - bottom)) * rows.count); // prettier-ignore
  const isInside = column >= 0 && column < map.columns.length && row >= rows.first && row < rows.first + rows.count; // prettier-ignore
  return isInside ? { column, row } : undefined;
}

// From near the paper to far from it, through hues that people with any eyesight tell apart.
function shadesOf(isDark: boolean): string[] {
  const stops = isDark
    ? [[28, 48, 82], [37, 99, 150], [38, 160, 160], [130, 205, 110], [250, 232, 110]] // prettier-ignore
    : [
        [214, 232, 245],
        [140, 190, 225],
        [62, 135, 185],
        [60, 80, 150],
        [60, 20, 90],
      ];
  return Array.from({ length: 40 }, (_, i) => {
    const at = (i / 39) * (stops.length - 1);
    const [a = [], b = []] = [stops[Math.floor(at)], stops[Math.min(stops.length - 1, Math.floor(at) + 1)]]; // prettier-ignore
    const part = at - Math.floor(at);
    const mixed = a.map((value, k) => Math.round(value + ((b[k] ?? 0) - value) * part));
    return `rgb(${mixed.join(',')})`;
  });
}
