import type { FlameGraph, FlameNode } from '../../graph-types.ts';
import { type Codec, isSame } from './codec.ts';

/** Nodes in depth-first order, five numbers each: name, location (-1: none), total, self, children. */
export interface FlameDelta extends Omit<FlameGraph, 'root'> {
  readonly texts: readonly string[];
  readonly nodes: readonly number[];
}

/** Frames that are too narrow to be seen are left out; the parent's width stays as it is. */
const leastShare = 1 / 4000;
const mostNodes = 6000;
const mostDepth = 256;

/** A tree as two flat lists: names repeat, and are sent once. */
export const flameCodec: Codec<FlameGraph, FlameDelta> = {
  diff(before, now) {
    if (before !== undefined && isSameGraph(before, now)) return undefined;
    return encode(now);
  },

  apply(_before, { nodes, texts, ...rest }) {
    let at = 0;
    const take = (): FlameNode => {
      const [name = 0, location = -1, total = 0, self = 0, count = 0] = nodes.slice(at, at + 5);
      at += 5;
      const children: FlameNode[] = [];
      for (let i = 0; i < count; i++) children.push(take());
      const place = location < 0 ? undefined : texts[location];
      return { name: texts[name] ?? '', total, self, children, ...(place === undefined ? {} : { location: place }) }; // prettier-ignore
    };
    return { ...rest, root: take() };
  },
};

// The page gets a pruned tree, so trees are not compared: what is counted tells whether anything came.
function isSameGraph(before: FlameGraph, now: FlameGraph): boolean {
  const { root: old, ...oldRest } = before;
  const { root: fresh, ...rest } = now;
  return old.total === fresh.total && isSame(oldRest, rest);
}

function encode({ root, ...rest }: FlameGraph): FlameDelta {
  const numbers = new Map<string, number>();
  const nodes: number[] = [];
  const number = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, numbers.size);
    return numbers.size - 1;
  };
  const least = leastTotal(root);
  const put = (node: FlameNode, depth: number): void => {
    const { location, name, self, total } = node;
    const children = depth < mostDepth ? node.children.filter((child) => child.total >= least) : [];
    const place = location === undefined ? -1 : number(location);
    nodes.push(number(name), place, total, self, children.length);
    for (const child of children) put(child, depth + 1);
  };
  put(root, 0);
  return { ...rest, texts: [...numbers.keys()], nodes };
}

// A parent is never smaller than its children: whatever is wide enough hangs together.
function leastTotal(root: FlameNode): number {
  const least = root.total * leastShare;
  const totals: number[] = [];
  const collect = (node: FlameNode): void => {
    for (const child of node.children) {
      if (child.total < least) continue;
      totals.push(child.total);
      collect(child);
    }
  };
  collect(root);
  if (totals.length <= mostNodes) return least;
  const last = totals.toSorted((a, b) => b - a)[mostNodes] ?? least;
  // Strictly wider than the first that does not fit: of equal ones all stay out.
  return last * (1 + Number.EPSILON);
}
