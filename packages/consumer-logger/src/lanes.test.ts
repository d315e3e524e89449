import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Lanes, type Span } from './lanes.ts';
import { groupBy } from './testing/check-rows.ts';

const from = (start: number, end: number, doubt = 0): Span => ({ start, earliestEnd: end - doubt, latestEnd: end + doubt }); // prettier-ignore

const isAround = (one: Span, other: Span): boolean => one.start <= other.start && other.latestEnd <= one.earliestEnd; // prettier-ignore

function overlapsHalf(a: Span, b: Span): boolean {
  if (a.latestEnd <= b.start || b.latestEnd <= a.start) return false;
  return !isAround(a, b) && !isAround(b, a);
}

it('never puts two spans into one row of which one is half over the other, in whatever order they come', () => {
  const span = fc.record({ start: fc.nat(300), length: fc.nat(60), doubt: fc.nat(3) }).map(({ doubt, length, start }) => from(start, start + length, doubt)); // prettier-ignore
  fc.assert(
    fc.property(fc.array(span, { maxLength: 120 }), (spans) => {
      const lanes = new Lanes();
      const rows = groupBy(spans, (one) => lanes.place(one));
      for (const row of rows.values())
        for (const [i, one] of row.entries())
          expect(row.slice(i + 1).filter((other) => overlapsHalf(one, other))).toEqual([]);
    }),
  );
});

it('needs as many rows as there are spans at the same time', () => {
  const lanes = new Lanes();
  const rows = new Set<number>();
  for (let n = 0; n < 10_000; n++) rows.add(lanes.place(from(n, n + 5)) ?? NaN);
  expect(rows.size).toBe(5);
});

it('has no row for what overlaps with more than 511 others', () => {
  const lanes = new Lanes();
  for (let n = 0; n < 512; n++) expect(lanes.place(from(n, n + 1000))).toBe(n);
  expect(lanes.place(from(512, 1512))).toBeUndefined();
  expect(lanes.place(from(1000, 1513))).toBe(0);
});

it('puts no more than 500 spans one into the other', () => {
  const lanes = new Lanes();
  const rows = Array.from({ length: 1001 }, (_, n) => lanes.place(from(1000 - n, 1000 + n)));
  expect(rows).toEqual(Array.from({ length: 1001 }, (_, n) => Math.floor(n / 500)));
});

it('does not take for granted that readers see one end before another when they are close', () => {
  const lanes = new Lanes();
  const places = [from(0, 10, 1), from(11, 20, 1), from(20, 30, 1), from(0, 31, 1), from(0, 32, 1)];
  expect(places.map((span) => lanes.place(span))).toEqual([0, 0, 1, 0, 1]);
});
