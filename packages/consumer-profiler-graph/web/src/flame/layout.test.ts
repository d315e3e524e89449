import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FlameNode } from '../../../src/graph-types.ts';
import { layOut, matchShare, toTable } from './layout.ts';
import { moveFocus } from './move-focus.ts';

function node(name: string, self: number, ...children: FlameNode[]): FlameNode {
  return {
    name,
    self,
    total: self + children.reduce((sum, { total }) => sum + total, 0),
    children,
  };
}

const grow = fc.memo((depth: number): fc.Arbitrary<FlameNode> => {
  const children = depth <= 1 ? fc.constant([]) : fc.array(grow(depth - 1), { maxLength: 3 });
  return fc
    .tuple(fc.constantFrom('a', 'b', 'c'), fc.nat({ max: 5 }), children)
    .map(([name, self, inner]) => node(name, self, ...inner));
});
const tree = grow(5);

const example = node(
  'all',
  0,
  node('a', 2, node('b', 1), node('c', 5)),
  node('d', 2, node('b', 2)),
);
const names = (boxes: readonly { readonly node: FlameNode }[]): string => boxes.map((box) => box.node.name).join(' '); // prettier-ignore

describe('layOut', () => {
  it('puts every frame within its caller, side by side', () => {
    fc.assert(
      fc.property(tree, fc.boolean(), (root, isLeftHeavy) => {
        const { boxes } = layOut(root, { isLeftHeavy });
        for (const box of boxes) {
          const parent = boxes[box.parent];
          if (parent === undefined) continue;
          expect(box.depth).toBe(parent.depth + 1);
          expect(box.x).toBeGreaterThanOrEqual(parent.x - 1e-9);
          expect(box.x + box.width).toBeLessThanOrEqual(parent.x + parent.width + 1e-9);
        }
      }),
    );
  });

  it('gives widths by weight, and wide frames come first when they are to', () => {
    expect(names(layOut(example).boxes)).toBe('all a b c d b');
    const heavy = layOut(example, { isLeftHeavy: true });
    expect(names(heavy.boxes)).toBe('all a c b d b');
    expect(heavy.boxes.map(({ width }) => Number(width.toFixed(3)))).toEqual([1, 0.667, 0.417, 0.083, 0.333, 0.167]); // prettier-ignore
  });

  it('zooms: the frame has the whole width, its callers stay above, the others are gone', () => {
    const key = layOut(example).boxes.find((box) => box.node.name === 'a')?.key ?? '';
    const { boxes, share, zoomed } = layOut(example, { zoom: key });
    expect(names(boxes)).toBe('all a b c');
    expect([boxes[0]?.width, boxes[1]?.width]).toEqual([1, 1]);
    expect(zoomed.node.name).toBe('a');
    expect(share).toBeCloseTo(8 / 12);
  });

  it('stays where it was zoomed to when the graph grows, and above what is gone', () => {
    const key = layOut(example).boxes.find((box) => box.node.name === 'c')?.key ?? '';
    const grown = node('all', 0, node('x', 9), ...example.children);
    expect(layOut(grown, { zoom: key }).zoomed.node.name).toBe('c');
    const without = node('all', 0, node('a', 7));
    expect(layOut(without, { zoom: key }).zoomed.node.name).toBe('a');
  });

  it('tells two functions of one name apart, and finds its way by both', () => {
    const root = node('all', 0, { ...node('f', 1), location: 'a.ts:1' }, { ...node('f', 2), location: 'b.ts:1' }); // prettier-ignore
    const keys = layOut(root).boxes.map(({ key }) => key);
    expect(new Set(keys).size).toBe(3);
    expect(layOut(root, { zoom: keys[2] ?? '' }).zoomed.node.location).toBe('b.ts:1');
  });

  it('leaves out what is too narrow', () => {
    expect(names(layOut(example, { leastWidth: 0.1 }).boxes)).toBe('all a c d b');
  });
});

describe('matchShare', () => {
  it('counts a frame within a found frame once', () => {
    expect(matchShare(example, 'b')).toBeCloseTo(3 / 12);
    expect(matchShare(node('all', 0, node('b', 1, node('b', 3)), node('c', 4)), 'b')).toBe(0.5);
    expect(matchShare(example, 'nothing')).toBe(0);
    expect(matchShare(node('all', 0), 'a')).toBe(0);
  });
});

describe('toTable', () => {
  it('has each function once: what it does within itself counts once', () => {
    const rows = toTable(node('all', 0, node('f', 1, node('g', 2, node('f', 4)))));
    expect(rows.map(({ name, self, total }) => [name, self, total])).toEqual([['f', 5, 7], ['g', 2, 6]]); // prettier-ignore
  });

  it('adds up to everything', () => {
    fc.assert(
      fc.property(tree, (root) => {
        const self = toTable(root).reduce((sum, row) => sum + row.self, 0);
        expect(self).toBe(root.total - root.self);
      }),
    );
  });
});

describe('moveFocus', () => {
  const layout = layOut(example);
  const keyOf = (name: string): string => layout.boxes.find((box) => box.node.name === name)?.key ?? ''; // prettier-ignore
  const move = (from: string, ...[direction]: [Parameters<typeof moveFocus>[2]]): string | undefined => moveFocus(layout, keyOf(from), direction)?.node.name; // prettier-ignore

  it('goes in, out and aside, and stays at the edges', () => {
    expect(moveFocus(layout, undefined, 'in')?.node.name).toBe('all');
    expect(move('all', 'in')).toBe('a');
    expect(move('a', 'in')).toBe('c');
    expect(move('c', 'out')).toBe('a');
    expect(move('a', 'right')).toBe('d');
    expect(move('a', 'left')).toBe('a');
    expect(move('c', 'in')).toBe('c');
    expect(move('all', 'out')).toBe('all');
  });
});
