import { assert, property } from 'fast-check';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FlameGraph, FlameNode } from '../../graph-types.ts';
import type { IncidentsView, ViewKind } from '../messages.ts';
import { codecs } from './index.ts';

/** Sends a row of values, each as a delta through JSON; what the other side has of each. */
function relay(kind: ViewKind, values: readonly unknown[]): unknown[] {
  const codec = codecs[kind];
  let sent: unknown;
  let shown: unknown;
  return values.map((value) => {
    const delta = codec.diff(sent, value);
    if (delta === undefined) return shown;
    sent = codec.apply(sent, delta);
    shown = codec.apply(shown, JSON.parse(JSON.stringify(delta)));
    return shown;
  });
}

const count = fc.integer({ min: 0, max: 9 });
const name = fc.constantFrom('a', 'b', 'c.d', '<b>', '__proto__', 'constructor');
const counts = (length: number) => fc.array(count, { minLength: length, maxLength: length });

const series = fc.record({ start: fc.integer({ min: 0, max: 12 }), bucketMs: fc.constantFrom(1000, 5000), length: fc.integer({ min: 0, max: 8 }), keys: fc.uniqueArray(name, { maxLength: 3 }) }).chain(({ bucketMs, keys, length, start }) =>
  fc.record({
    startMs: fc.constant(start * bucketMs),
    bucketMs: fc.constant(bucketMs),
    lines: fc.tuple(...keys.map((key) => fc.record({ key: fc.constant(key), label: fc.constant(key), counts: counts(length), total: count }))),
    lost: counts(length),
  }),
); // prettier-ignore

const heat = fc.record({ start: fc.integer({ min: 0, max: 12 }), length: fc.integer({ min: 0, max: 8 }), rows: fc.integer({ min: 1, max: 3 }) }).chain(({ length, rows, start }) =>
  fc.record({
    field: fc.constant('durationNs'),
    startMs: fc.constant(start * 1000),
    bucketMs: fc.constant(1000),
    edges: fc.constant(Array.from({ length: rows + 1 }, (_, i) => i)),
    columns: fc.array(counts(rows), { minLength: length, maxLength: length }),
    sinceMs: fc.constantFrom(0, 1),
  }),
); // prettier-ignore

const entry = fc.record({ name, kind: fc.constant('filtered'), description: fc.constantFrom('x', 'y'), fields: fc.constant([]), request: fc.constant([]), pids: fc.constant([1]), listeners: count, heard: count, lost: count, hasStack: fc.boolean() }); // prettier-ignore
const rated = fc.tuple(entry, fc.option(count, { nil: undefined })).map(([one, perSecond]) => perSecond === undefined ? one : { ...one, perSecond }); // prettier-ignore
const byName = <T extends { readonly name: string }>(list: readonly T[]): T[] => list.toSorted((a, b) => (a.name < b.name ? -1 : 1)); // prettier-ignore
const catalogue = fc.uniqueArray(rated, { selector: (one) => one.name, maxLength: 5 }).map(byName);

const script = fc.record({ id: count, name, text: name, state: fc.constantFrom({ phase: 'running', pids: [1], events: [] }, { phase: 'ended', pids: [1], events: ['a'] }) }); // prettier-ignore

const movingSeries = (from: number): object => ({ startMs: from * 1000, bucketMs: 1000, lines: [{ key: 'sum', label: 'x', total: 9, counts: Array.from({ length: 300 }, (_, i) => (from + i) % 7) }], lost: Array.from({ length: 300 }, () => 0) }); // prettier-ignore
const item = (number: number): IncidentsView['items'][number] => ({ kind: 'loss', number, pid: 1, tid: 1, count: 1, reason: 'x' }); // prettier-ignore
const view = (from: number, to: number): IncidentsView => ({ total: to, items: Array.from({ length: to - from }, (_, i) => item(from + i)) }); // prettier-ignore
const graph = (root: FlameNode): FlameGraph => ({ root, stacks: root.total, withoutStack: 0, truncated: 0, unit: '{incident}', sinceMs: 0 }); // prettier-ignore
const leaf = (node: string, total: number): FlameNode => ({ name: node, total, self: total, children: [] }); // prettier-ignore

describe('what travels to the page', () => {
  it.each([
    ['series', fc.array(series)],
    ['heat', fc.array(heat)],
    ['catalogue', fc.array(catalogue)],
    ['state', fc.array(fc.jsonValue())],
  ] as const)('is there what it is here: %s', (kind, values) => {
    // prettier-ignore
    const check = (list: readonly unknown[]): void => {
      // JSON knows no -0.
      expect(relay(kind, list)).toEqual(JSON.parse(JSON.stringify(list)));
    };
    assert(property(values as fc.Arbitrary<unknown[]>, check));
  });

  it('is of a series that moves on no more than its end', () => {
    const codec = codecs.series;
    const delta = codec.diff(movingSeries(0), movingSeries(2));
    expect(delta).toMatchObject({ tail: { shift: 2, keep: 298, lost: [0, 0] } });
    expect(codec.diff(movingSeries(2), movingSeries(2))).toBeUndefined();
  });

  it('is of scripts what was printed since', () => {
    const growing = fc.array(fc.tuple(fc.uniqueArray(script, { selector: ({ id }) => id, maxLength: 3 }), count)); // prettier-ignore
    assert(
      property(growing, (steps) => {
        let printed = 0;
        const values = steps.map(([list, more]) => {
          printed += more;
          const firstLine = Math.max(0, printed - 6);
          const lines = Array.from({ length: printed - firstLine }, (_, i) => `line ${firstLine + i}`); // prettier-ignore
          return list.map((one) => ({ ...one, lines, firstLine }));
        });
        expect(relay('scripts', values)).toEqual(values);
      }),
    );
  });

  it('is of incidents what is new, and of a flood the newest', () => {
    expect(relay('incidents', [view(0, 3), view(0, 3), view(1, 5)])).toEqual([view(0, 3), view(0, 3), view(1, 5)]); // prettier-ignore
    const flood = relay('incidents', [view(0, 200), view(300, 500)]);
    expect(flood).toEqual([view(0, 200), { ...view(440, 500), total: 500 }]);
    expect(relay('incidents', [view(0, 3), { items: [], total: 3 }])[1]).toEqual({ items: [], total: 3 }); // prettier-ignore
  });
});

describe('a flame graph on its way', () => {
  it('keeps names, places and weights', () => {
    const root: FlameNode = { name: 'all', total: 5, self: 1, children: [{ ...leaf('a', 3), location: 'a.ts:1' }, leaf('a', 1)] }; // prettier-ignore
    expect(relay('flame', [graph(root)])).toEqual([graph(root)]);
  });

  it('leaves out what is too narrow to be seen, and stays whole', () => {
    const root: FlameNode = { name: 'all', total: 100_000, self: 0, children: [leaf('wide', 99_999), leaf('narrow', 1)] }; // prettier-ignore
    const [shown] = relay('flame', [graph(root)]) as FlameGraph[];
    expect(shown?.root.children.map((child) => child.name)).toEqual(['wide']);
    expect(shown?.root.total).toBe(100_000);
  });

  it('has a bound, also when everything is wide', () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => leaf(`f${i}`, 10));
    const deep = rows.slice(0, 2000).reduce<FlameNode>((inner, one) => ({ ...one, total: 300_000, children: [inner] }), leaf('in', 300_000)); // prettier-ignore
    for (const children of [rows, [deep]]) {
      const delta = codecs.flame.diff(undefined, graph({ name: 'all', total: 300_000, self: 0, children })); // prettier-ignore
      expect(JSON.stringify(delta).length).toBeLessThan(400_000);
    }
  });
});
