import type { FramePlaces } from './frame-places.ts';
import type { FlameNode } from './graph-types.ts';
import { rootNode, type StackTable } from './stack-table.ts';

interface Growing extends FlameNode {
  total: number;
  self: number;
  children: Growing[];
}

/** Builds the tree of all stacks that weigh something, the heaviest child first. */
export function buildFlameGraph(
  table: StackTable,
  weights: ReadonlyMap<number, number>,
  places: FramePlaces,
): FlameNode {
  places.begin();
  const nodes = new Map<number, Growing>();
  const get = (node: number): Growing => {
    const known = nodes.get(node);
    if (known !== undefined) return known;
    const frame = table.frameOf(node);
    const location = places.locate(frame);
    const made: Growing = { name: frame.name, ...(location === undefined ? {} : { location }), total: 0, self: 0, children: [] }; // prettier-ignore
    nodes.set(node, made);
    if (node !== rootNode) get(table.parentOf(node)).children.push(made);
    return made;
  };
  const root = get(rootNode);
  for (const [node, weight] of weights) get(node).self += weight;
  finish(root);
  return root;
}

function finish(node: Growing): void {
  let below = 0;
  for (const child of node.children) {
    finish(child);
    below += child.total;
  }
  node.total = below + node.self;
  node.children.sort((a, b) => b.total - a.total);
}
