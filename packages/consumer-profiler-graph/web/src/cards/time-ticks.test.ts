import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { timeTicks } from './time-ticks.ts';

it('are round, and as far apart as they have to be', () => {
  const at = Date.UTC(2026, 10, 30, 12, 0, 7);
  const seconds = timeTicks(at, at + 60_000, 9000).map((time) => new Date(time).getUTCSeconds());
  expect(seconds).toEqual([10, 20, 30, 40, 50, 0]);
  const minutes = timeTicks(at, at + 3_600_000, 500_000).map((time) => new Date(time).getUTCMinutes() % 10); // prettier-ignore
  expect(minutes).toEqual([0, 0, 0, 0, 0, 0]);
});

it('lie within their span, whatever it is (property)', () => {
  const span = fc.tuple(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 0, max: 1e10 }), fc.integer({ min: 1, max: 1e9 })); // prettier-ignore
  fc.assert(
    fc.property(span, ([from, length, least]) => {
      const ticks = timeTicks(from, from + length, Math.max(least, length / 100));
      expect(ticks.length).toBeLessThanOrEqual(101);
      for (const tick of ticks) {
        expect(tick).toBeGreaterThanOrEqual(from);
        expect(tick).toBeLessThanOrEqual(from + length);
      }
      for (const [i, tick] of ticks.slice(1).entries())
        expect(tick - (ticks[i] ?? 0)).toBeGreaterThanOrEqual(least);
    }),
  );
});
