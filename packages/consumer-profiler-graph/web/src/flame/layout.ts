import type { FlameNode } from '../../../src/graph-types.ts';

/** One frame as a box; x and width are shares of the whole. */
export interface Box {
  readonly node: FlameNode;
  /** Names a frame by the way to it: stays when the graph grows. */
  readonly key: string;
  readonly parent: number;
  readonly depth: number;
  readonly x: number;
  readonly width: number;
}

export interface LayoutOptions {
  /** The frame that fills the whole width. */
  readonly zoom?: string;
  /** Wide frames first; else in the order in which they came. */
  readonly isLeftHeavy?: boolean;
  /** Narrower boxes, as shares of the whole, are left out. */
  readonly leastWidth?: number;
}

export interface Layout {
  /** In depth-first order: a parent comes before its children. */
  readonly boxes: readonly Box[];
  readonly depth: number;
  /** The frame that fills the width, and what share of everything it is. */
  readonly zoomed: Box;
  readonly share: number;
}

/** Between names in a key: no name has it. */
const joint = '\u0000';

/**
 * Places all frames. A zoomed frame has the whole width, and so have the frames above it; what is
 * beside it is gone.
 */
export function layOut(root: FlameNode, options: LayoutOptions = {}): Layout {
  const { isLeftHeavy = false, leastWidth = 0 } = options;
  const way = wayTo(root, options.zoom);
  const boxes: Box[] = [];
  let depth = 0;
  const place = (box: Box): void => {
    const at = boxes.push(box) - 1;
    depth = Math.max(depth, box.depth + 1);
    const next = way[box.depth + 1];
    const isAbove = next !== undefined && way[box.depth] === box.node;
    const children = isAbove ? [next] : order(box.node.children, isLeftHeavy);
    let { x } = box;
    for (const node of children) {
      const width = isAbove ? box.width : box.node.total === 0 ? 0 : (node.total / box.node.total) * box.width; // prettier-ignore
      if (width >= leastWidth) place({ node, key: keyOf(box.key, node), parent: at, depth: box.depth + 1, x, width }); // prettier-ignore
      x += width;
    }
  };
  place({ node: root, key: root.name, parent: -1, depth: 0, x: 0, width: 1 });
  const zoomed = boxes[way.length - 1] as Box;
  return { boxes, depth, zoomed, share: root.total === 0 ? 0 : zoomed.node.total / root.total };
}

function keyOf(parent: string, { location, name }: FlameNode): string {
  return `${parent}${joint}${name}${location === undefined ? '' : ` ${location}`}`;
}

/** The frames from the root to the zoomed one; as far as they exist. */
function wayTo(root: FlameNode, zoom: string | undefined): FlameNode[] {
  const way = [root];
  let [node, key] = [root, root.name];
  if (zoom === undefined) return way;
  for (;;) {
    if (zoom === key) return way;
    const next = node.children.find((child) => {
      const own = keyOf(key, child);
      return zoom === own || zoom.startsWith(own + joint);
    });
    if (next === undefined) return way;
    key = keyOf(key, next);
    node = next;
    way.push(next);
  }
}

function order(children: readonly FlameNode[], isLeftHeavy: boolean): readonly FlameNode[] {
  return isLeftHeavy ? children.toSorted((a, b) => b.total - a.total) : children;
}

/** Does a frame fit the words that are searched for? */
export function fits({ location = '', name }: FlameNode, wanted: string): boolean {
  const text = wanted.toLowerCase();
  return (
    text !== '' && (name.toLowerCase().includes(text) || location.toLowerCase().includes(text))
  );
}

/** The share of all weight that lies in or below frames that fit; a frame within another counts once. */
export function matchShare(root: FlameNode, wanted: string): number {
  const sum = (node: FlameNode): number => fits(node, wanted) ? node.total : node.children.reduce((total, child) => total + sum(child), 0); // prettier-ignore
  return root.total === 0 ? 0 : sum(root) / root.total;
}

/** One function wherever it is called. */
export interface FunctionWeight {
  readonly name: string;
  readonly location: string | undefined;
  readonly self: number;
  /** In it and below it; what it does within itself counts once. */
  readonly total: number;
}

/** The graph as a table, the heaviest functions first. */
export function toTable(root: FlameNode): FunctionWeight[] {
  const rows = new Map<string, { name: string; location: string | undefined; self: number; total: number }>(); // prettier-ignore
  const open = new Set<string>();
  const visit = (node: FlameNode): void => {
    const key = keyOf('', node);
    const row = rows.get(key) ?? { name: node.name, location: node.location, self: 0, total: 0 };
    rows.set(key, row);
    row.self += node.self;
    const isOuter = !open.has(key);
    if (isOuter) row.total += node.total;
    open.add(key);
    for (const child of node.children) visit(child);
    if (isOuter) open.delete(key);
  };
  for (const child of root.children) visit(child);
  return [...rows.values()].toSorted((a, b) => b.self - a.self || b.total - a.total);
}
