import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { maxRoundBytes, nextNapMs } from './naps.ts';

/** The naps of a flow of so many bytes a millisecond, from its first record on. */
function napsOf(bytesPerMs: number, count: number): number[] {
  const naps = [nextNapMs(0, bytesPerMs)];
  while (naps.length < count) naps.push(nextNapMs(naps.at(-1) ?? 0, (naps.at(-1) ?? 0) * bytesPerMs));
  return naps;
} // prettier-ignore

it('grow while little comes, up to what nobody sees', () => {
  expect(napsOf(1, 6)).toEqual([1, 2, 4, 8, 8, 8]);
});

it('end where a round finds what one frame carries', () => {
  expect(napsOf(maxRoundBytes / 3, 6)).toEqual([1, 2, 3, 3, 3, 3]);
  expect(napsOf(maxRoundBytes * 5, 4)).toEqual([1, 1, 1, 1]);
});

it('follow any flow within their limits, and come to rest once it is steady', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 8, noNaN: true }), fc.integer({ min: 8, max: 2 ** 28 }), (last, bytes) => {
      const next = nextNapMs(last, bytes);
      expect(next).toBeGreaterThanOrEqual(1);
      expect(next).toBeLessThanOrEqual(Math.max(1, Math.min(8, last * 2)));
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 8, max: 2 ** 20 }), (bytesPerMs) => {
      const [before, at] = napsOf(bytesPerMs, 9).slice(-2) as [number, number];
      expect(at).toBeCloseTo(before, 6);
      expect(at === 1 || at * bytesPerMs <= maxRoundBytes * 1.001).toBe(true);
    }),
  );
}); // prettier-ignore
