import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Edge, hysteresis } from './edge.ts';

const passings = (limit: number, isCount: boolean, values: readonly number[]): boolean[] => {
  const edge = new Edge(limit, isCount);
  return values.map((value) => edge.passes(value));
};

describe('an edge', () => {
  it('is told once, when the value is above its limit and not at it', () => {
    expect(passings(100, false, [99, 100, 100.1, 200, 101])).toEqual([false, false, true, false, false]); // prettier-ignore
  });

  it('is told at the first look when it is passed already', () => {
    expect(passings(100, false, [150, 150])).toEqual([true, false]);
  });

  it('is told again only after the value was clearly below', () => {
    expect(passings(100, false, [101, 99, 101, 95.1, 101, 95, 101])).toEqual([true, false, false, false, false, false, true]); // prettier-ignore
  });

  it('of a count is told again after each value at the limit', () => {
    expect(passings(3, true, [3, 4, 5, 4, 3, 4])).toEqual([false, true, false, false, false, true]);
  });

  it('of nothing is passed by anything, and again after nothing', () => {
    expect(passings(0, false, [0, 1, 0, 1])).toEqual([false, true, false, true]);
  });

  it('is told as often as a value comes up from clearly below', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.array(fc.double({ min: 0, max: 2000, noNaN: true })), (limit, values) => {
        let isReady = true;
        const expected = values.map((value) => {
          if (!isReady) {
            isReady = value <= limit * (1 - hysteresis);
            return false;
          }
          isReady = value <= limit;
          return !isReady;
        });
        expect(passings(limit, false, values)).toEqual(expected);
      }),
    );
  }); // prettier-ignore
});
