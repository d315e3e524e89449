import { isDarkNow } from '../lib/theme.ts';
import type { Surface } from '../lib/use-canvas.ts';
import { type Box, fits, type Layout } from './layout.ts';

export const rowHeight = 19;

/** How the boxes are shown. */
export interface FlameLook {
  readonly layout: Layout;
  /** The root on top, and what it calls below; else as flames. */
  readonly isIcicle: boolean;
  readonly wanted: string;
  readonly focused: string | undefined;
  readonly hovered: string | undefined;
}

/** The upper edge of a row. */
export function rowTop(depth: number, height: number, isIcicle: boolean): number {
  return isIcicle ? depth * rowHeight : height - (depth + 1) * rowHeight;
}

export function drawFlames({ context, height, width }: Surface, look: FlameLook): void {
  const { focused, hovered, isIcicle, layout, wanted } = look;
  const isDark = isDarkNow();
  context.font = '12px ui-monospace, "SF Mono", Menlo, Consolas, monospace';
  context.textBaseline = 'middle';
  const letter = context.measureText('m').width;
  for (const box of layout.boxes) {
    const [x, size] = [box.x * width, box.width * width];
    if (size < 0.4) continue;
    const top = rowTop(box.depth, height, isIcicle);
    if (top > height || top + rowHeight < 0) continue;
    const isDimmed = wanted !== '' && !fits(box.node, wanted);
    context.globalAlpha = isDimmed ? 0.28 : box.depth < layout.zoomed.depth ? 0.6 : 1;
    context.fillStyle = box.key === hovered ? (isDark ? '#f4f7fb' : '#1b2430') : fillOf(box, isDark, wanted !== '' && !isDimmed); // prettier-ignore
    context.fillRect(x, top, Math.max(0.6, size - 0.8), rowHeight - 1);
    const room = Math.floor((size - 8) / letter);
    if (room >= 3) {
      context.fillStyle = box.key === hovered ? (isDark ? '#10161f' : '#ffffff') : isDark ? '#0f141b' : '#15202c'; // prettier-ignore
      const { name } = box.node;
      context.globalAlpha = isDimmed ? 0.5 : 1;
      context.fillText(name.length > room ? `${name.slice(0, room - 1)}…` : name, x + 4, top + rowHeight / 2); // prettier-ignore
    }
    context.globalAlpha = 1;
    if (box.key !== focused) continue;
    context.strokeStyle = isDark ? '#ffffff' : '#0b2a4a';
    context.lineWidth = 2;
    context.strokeRect(x + 1, top + 1, Math.max(2, size - 2.8), rowHeight - 3);
  }
}

// The same code has the same colour wherever it is: by its file, since files belong together.
function fillOf({ depth, node }: Box, isDark: boolean, isFound: boolean): string {
  if (isFound) return isDark ? '#f48fd0' : '#ee7cc4';
  if (depth === 0) return isDark ? '#8795a8' : '#c3ccd7';
  const place = node.location ?? node.name;
  const isNode = place.startsWith('node:') || place.startsWith('(');
  const hash = hashOf(place.replace(/:\d+(?::\d+)?$/, ''));
  const shade = hashOf(node.name) % 9;
  if (isNode) return `hsl(205 ${isDark ? 26 : 34}% ${(isDark ? 60 : 78) + shade * 0.7}%)`;
  return `hsl(${18 + (hash % 40)} ${isDark ? 62 : 82}% ${(isDark ? 60 : 73) + shade * 0.8}%)`;
}

function hashOf(text: string): number {
  let hash = 7;
  for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) | 0;
  return Math.abs(hash);
}

/** The box at a place of the canvas. */
export function boxAt(
  { isIcicle, layout }: Pick<FlameLook, 'isIcicle' | 'layout'>,
  x: number,
  y: number,
  height: number,
): Box | undefined {
  const depth = isIcicle ? Math.floor(y / rowHeight) : Math.floor((height - y) / rowHeight);
  return layout.boxes.find((box) => box.depth === depth && x >= box.x && x < box.x + box.width);
}
