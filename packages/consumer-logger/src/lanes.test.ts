import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Lanes } from './lanes.ts';
import { groupBy } from './testing/check-trace.ts';

interface Span {
  readonly start: number;
  readonly end: number;
}

function overlapsHalf(a: Span, b: Span): boolean {
  if (a.end <= b.start || b.end <= a.start) return false;
  const isAround = (one: Span, other: Span): boolean => one.start <= other.start && other.end <= one.end; // prettier-ignore
  return !isAround(a, b) && !isAround(b, a);
}

it('never puts two spans into one row of which one is half over the other, in whatever order they come', () => {
  const span = fc.record({ start: fc.nat(300), length: fc.nat(60) }).map(({ length, start }) => ({ start, end: start + length })); // prettier-ignore
  fc.assert(
    fc.property(fc.array(span, { maxLength: 120 }), (spans) => {
      const lanes = new Lanes();
      const rows = groupBy(spans, ({ end, start }) => lanes.place(start, end));
      for (const row of rows.values())
        for (const [i, one] of row.entries())
          expect(row.slice(i + 1).filter((other) => overlapsHalf(one, other))).toEqual([]);
    }),
  );
});

it('needs as many rows as there are spans at the same time', () => {
  const lanes = new Lanes();
  const rows = new Set<number>();
  for (let n = 0; n < 10_000; n++) rows.add(lanes.place(n, n + 5));
  expect(rows.size).toBe(5);
});
