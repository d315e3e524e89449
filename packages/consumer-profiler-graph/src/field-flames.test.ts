import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldFlames } from './field-flames.ts';
import type { FlameNode } from './graph-types.ts';
import { sliceLevels } from './levels.ts';
import { layOver } from './span.ts';
import { fakeRecord } from './testing/fake-record.ts';

const startMs = 1_800_000_000_000;
const stacks = fc.array(fc.constantFrom('a', 'b', 'c', 'new D', 'async e'), { minLength: 1, maxLength: 6 }); // prettier-ignore
const asText = (names: readonly string[]): string =>
  names.map((name) => `${name} (file:///app/${name.at(-1)}.js:3:7)`).join('\n');

function check(node: FlameNode): void {
  const below = node.children.reduce((sum, { total }) => sum + total, 0);
  expect(node.total).toBeGreaterThanOrEqual(below);
  expect(node.total).toBeCloseTo(below + node.self, 6);
  node.children.forEach(check);
}

function find(node: FlameNode | undefined, names: readonly string[]): FlameNode | undefined {
  const [name, ...rest] = names;
  if (name === undefined) return node;
  return find(
    node?.children.find((child) => child.name === name),
    rest,
  );
}

describe('a flame graph', () => {
  it('weighs each stack exactly, in any range, and no parent less than its children', () => {
    const event = fc.tuple(stacks, fc.integer({ min: 1, max: 1000 }), fc.nat(20_000));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 100 }), (events) => {
        const flames = new FieldFlames('weight', startMs);
        let timeMs = startMs;
        const posted = events.map(([names, weight, stepMs]) => {
          timeMs += stepMs;
          flames.add(fakeRecord({ stack: asText(names), fields: { weight } }), timeMs);
          return { names, weight, timeMs };
        });
        const span = layOver({ lastMs: 50_000 }, sliceLevels, timeMs);
        for (const [graph, among] of [
          [flames.flameGraph(), posted],
          [flames.flameGraph(span), posted.filter((one) => Math.floor(one.timeMs / span.bucketMs) >= span.first)], // prettier-ignore
        ] as const) {
          check(graph.root);
          expect(graph.stacks).toBe(among.length);
          expect(graph.root.total).toBe(among.reduce((sum, { weight }) => sum + weight, 0));
          for (const { names } of among) {
            const outermostFirst = names.map((name) => name.replace('async ', '')).toReversed();
            const own = among.filter((one) => asText(one.names) === asText(names));
            const self = own.reduce((sum, { weight }) => sum + weight, 0);
            expect(find(graph.root, outermostFirst)?.self).toBe(self);
          }
        }
      }),
    );
  });

  it('stays bounded and true when there are too many stacks, and keeps the heavy ones', () => {
    const flames = new FieldFlames(undefined, startMs);
    const add = (text: string, timeMs: number): void => flames.add(fakeRecord({ stack: text }), timeMs); // prettier-ignore
    for (let i = 0; i < 60_000; i++) {
      add(asText(['hot', 'main']), startMs + i);
      if (i % 2 === 0) add(`f${i} (/app/x.js:${i}:1)\n${asText(['main'])}`, startMs + i);
    }
    const { root, stacks: count, truncated } = flames.flameGraph();
    check(root);
    expect(count).toBe(90_000);
    expect(root.total).toBe(90_000);
    expect(find(root, ['main', 'hot'])?.total).toBe(60_000);
    expect(find(root, ['(other)'])?.total).toBe(truncated);
    expect(truncated).toBeGreaterThan(0);
    let nodes = 0;
    const count1 = (node: FlameNode): void => {
      nodes++;
      node.children.forEach(count1);
    };
    count1(root);
    expect(nodes).toBeLessThan(20_001);
  });

  it('counts events that came without a stack, and says where frames were written', () => {
    const flames = new FieldFlames(undefined, startMs);
    flames.add(fakeRecord({}), startMs);
    flames.add(
      fakeRecord({ stack: 'malloc+0x12 (libc.so.6)\nrun (node:internal/x:3:4)' }),
      startMs,
    );
    const { root, stacks: count, unit, withoutStack } = flames.flameGraph();
    expect([count, withoutStack, unit]).toEqual([1, 1, '{incident}']);
    expect(root.children[0]).toMatchObject({ name: 'run', location: 'node:internal/x:3' });
    expect(root.children[0]?.children[0]).toMatchObject({ name: 'malloc', location: 'libc.so.6' });
  });
});
