import { describe, expect, it } from 'vitest';
import { placeAmong, valueScale } from './value-scale.ts';

const bucket = (fromValue: number, toValue: number) => ({ fromValue, toValue, count: 1 });

describe('the axis of a histogram', () => {
  it('leaves room for buckets that are empty', () => {
    const scale = valueScale([bucket(1, 2), bucket(1024, 2048)], false);
    expect(scale.place(1)).toBe(0);
    expect(scale.place(2)).toBeCloseTo(1 / 11);
    expect(scale.place(1024)).toBeCloseTo(10 / 11);
    expect(scale.place(2048)).toBe(1);
  });

  it('is linear when the values are near each other', () => {
    const scale = valueScale([bucket(100, 101), bucket(198, 200)], false);
    expect(scale.place(150)).toBe(0.5);
    expect(scale.ticks(5)).toEqual([100, 120, 140, 160, 180, 200]);
  });

  it('has round ticks: powers of ten, of two for bytes', () => {
    expect(valueScale([bucket(1, 2), bucket(9e5, 1e6)], false).ticks(8)).toEqual([1, 10, 100, 1000, 1e4, 1e5, 1e6]); // prettier-ignore
    expect(valueScale([bucket(1, 2), bucket(900, 1024)], true).ticks(6)).toEqual([1, 4, 16, 64, 256, 1024]); // prettier-ignore
  });

  it('goes through 0 to what is below it', () => {
    const scale = valueScale([bucket(-1000, -900), bucket(0, 1), bucket(900, 1000)], false);
    expect(scale.place(-1000)).toBe(0);
    expect(scale.place(0)).toBeCloseTo(0.5);
    expect(scale.place(1000)).toBe(1);
    expect(scale.ticks(8)).toContain(0);
  });

  it.each([
    ['what is largest', [bucket(-1, 0), bucket(1e308, Number.MAX_VALUE)]],
    ['what is smallest', [bucket(5e-324, 1e-323), bucket(1, 2)]],
    ['one bucket', [bucket(7, 7.1)]],
    ['zeros alone', [bucket(0, 1)]],
    ['nothing', []],
  ])('stands %s', (_what, buckets) => {
    const scale = valueScale(buckets, false);
    for (const { fromValue, toValue } of buckets)
      for (const value of [fromValue, toValue]) {
        expect(scale.place(value)).toBeGreaterThanOrEqual(0);
        expect(scale.place(value)).toBeLessThanOrEqual(1.000_001);
      }
    const ticks = scale.ticks(8);
    expect(ticks.length).toBeLessThan(60);
    expect(ticks.every(Number.isFinite)).toBe(true);
  });
});

describe('rows of one height between edges', () => {
  it('have values where they are between their edges', () => {
    const edges = [10, 100, 1000, 10_000];
    expect(edges.map((edge) => placeAmong(edges, edge))).toEqual([0, 1, 2, 3]);
    expect(placeAmong(edges, Math.sqrt(100 * 1000))).toBeCloseTo(1.5);
    expect(placeAmong([-1, 0, 1], 0.25)).toBe(1.25);
    expect([placeAmong(edges, 1), placeAmong(edges, 1e9)]).toEqual([0, 3]);
  });
});
