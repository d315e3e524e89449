// oxlint-disable vitest/no-conditional-expect -- what is expected depends on the generated case
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Distribution } from './distribution.ts';
import { ValueRows } from './value-rows.ts';

const magnitudes = fc.oneof(
  fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
  fc.integer({ min: 1, max: 1_000_000 }),
  fc.constantFrom(0, 1, 2, 1024, 0.5),
);
const values = fc.array(fc.tuple(magnitudes, fc.boolean()).map(([value, isBelow]) => (isBelow && value !== 0 ? -value : value)), { minLength: 1, maxLength: 400 }); // prettier-ignore

function spread(numbers: readonly number[]): Distribution {
  const distribution = new Distribution();
  for (const number of numbers) distribution.add(number);
  return distribution;
}

const quantiles = [0.01, 0.5, 0.9, 0.99, 0.999, 1];

function expectClose(distribution: Distribution, numbers: readonly number[]): void {
  const sorted = numbers.toSorted((a, b) => a - b);
  for (const [index, found] of distribution.quantiles(quantiles).entries()) {
    const rank = Math.max(Math.ceil((quantiles[index] ?? 0) * sorted.length), 1);
    const exact = sorted[rank - 1] ?? Number.NaN;
    expect(Math.abs((found ?? Number.NaN) - exact)).toBeLessThanOrEqual(Math.abs(exact) * 0.01);
  }
}

describe('a distribution', () => {
  it('knows quantiles within one per cent, and count, sum, least and greatest exactly', () => {
    fc.assert(
      fc.property(values, (numbers) => {
        const distribution = spread(numbers);
        expectClose(distribution, numbers);
        expect(distribution.count).toBe(numbers.length);
        expect(distribution.min).toBe(Math.min(...numbers));
        expect(distribution.max).toBe(Math.max(...numbers));
      }),
    );
  });

  it('is the same in parts that are added up, in any order, also after they were made small', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 6 }), fc.nat(), (parts, seed) => {
        const all = new Distribution();
        const order = parts.toSorted((a, b) => ((a.length * seed) % 7) - ((b.length * seed) % 7));
        for (const part of order) {
          const one = spread(part);
          one.settle();
          all.merge(one);
        }
        expectClose(all, parts.flat());
        expect(all.count).toBe(parts.flat().length);
      }),
    );
  });

  it('leaves out what is no finite number', () => {
    expect(spread([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3]).count).toBe(
      1,
    );
  });

  it('takes bounded room: of values that are too far apart the large ones stay exact', () => {
    const distribution = spread([1e-300, 1, 1e300]);
    for (let i = 0; i < 5000; i++) distribution.add(2 ** ((i % 2000) - 1000));
    expect(distribution.count).toBe(5003);
    expect(distribution.quantiles([1])[0]).toBe(2 ** 999);
  });
});

describe('rows for showing', () => {
  it('follow each other, are few, and hold every value between their edges', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 8, max: 100 }), (numbers, most) => {
        const distribution = spread(numbers);
        const rows = new ValueRows(distribution, most);
        const counts = rows.count(distribution);
        expect(rows.edges).toEqual(rows.edges.toSorted((a, b) => a - b));
        expect(new Set(rows.edges).size).toBe(rows.edges.length);
        expect(counts).toHaveLength(rows.edges.length - 1);
        expect(counts.length).toBeLessThanOrEqual(most + 5);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(numbers.length);
        for (const [row, count] of counts.entries()) {
          const [from, to] = [rows.edges[row] ?? 0, rows.edges[row + 1] ?? 0];
          // Edges below 0 belong to the row above them.
          const inside = numbers.filter((n) => n >= from && n < to);
          if (from >= 0) expect(count).toBe(inside.length);
        }
      }),
    );
  });

  it('are none of nothing', () => {
    const rows = new ValueRows(new Distribution(), 10);
    expect(rows.edges).toEqual([]);
    expect(rows.count(new Distribution())).toEqual([]);
  });
});
