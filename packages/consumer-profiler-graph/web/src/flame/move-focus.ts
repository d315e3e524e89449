import type { Box, Layout } from './layout.ts';

export type Direction = 'out' | 'in' | 'left' | 'right';

/** The frame next to another: its caller, the widest that it calls, or its neighbours in the row. */
export function moveFocus(
  { boxes, zoomed }: Layout,
  focused: string | undefined,
  direction: Direction,
): Box | undefined {
  const at = boxes.findIndex(({ key }) => key === focused);
  const box = boxes[at];
  if (box === undefined) return zoomed;
  switch (direction) {
    case 'out':
      return boxes[box.parent] ?? box;
    case 'in':
      return boxes.filter(({ parent }) => parent === at).toSorted((a, b) => b.width - a.width)[0] ?? box; // prettier-ignore
    case 'left':
    case 'right': {
      const row = boxes.filter(({ depth }) => depth === box.depth);
      return row[row.indexOf(box) + (direction === 'left' ? -1 : 1)] ?? box;
    }
    default:
      return direction satisfies never;
  }
}
