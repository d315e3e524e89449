import fc from 'fast-check';
import { expect, it } from 'vitest';
import { traceSpan } from './trace-time.ts';

const day = 86_400e9;

it('writes microseconds, without digits that are not needed', () => {
  expect(traceSpan(1_000_000_001, 1_001_500_001)).toMatchObject({ ts: '1000000.001', dur: '1500' });
  expect(traceSpan(5, 5)).toMatchObject({ ts: '0.005', dur: '0' });
});

it('gives what ends at the same time the same sum, and is exact to the nanosecond, for 26 days', () => {
  const length = fc.oneof(fc.nat(), fc.nat(1000), fc.integer({ min: 0, max: day / 2 }));
  fc.assert(
    fc.property(fc.integer({ min: day, max: 26 * day }), length, (end, took) => {
      const { dur, earliestEnd, latestEnd, ts } = traceSpan(end - took, end);
      expect([earliestEnd, latestEnd]).toEqual([end, end]);
      expect(Number(ts) + Number(dur)).toBe(end / 1000);
      expect(Math.round(Number(ts) * 1000)).toBe(end - took);
      expect(Math.round(Number(dur) * 1000)).toBe(took);
    }),
    { numRuns: 1000 },
  );
});

it('has doubts about the end later than that, as large as the error may be', () => {
  const late = fc.integer({ min: 27e6, max: 20_000e6 }).map((n) => Math.round(n * (day / 1e6) + n % 997)); // prettier-ignore
  fc.assert(
    fc.property(late, fc.nat(), (end, took) => {
      const { dur, earliestEnd, latestEnd, start, ts } = traceSpan(end - took, end);
      const read = Math.round(Number(ts) * 1000) + Math.round(Number(dur) * 1000);
      expect(read).toBeGreaterThanOrEqual(earliestEnd);
      expect(read).toBeLessThanOrEqual(latestEnd);
      expect(latestEnd - end).toBeLessThan(10_000);
      expect(start).toBe(end - took);
    }),
    { numRuns: 1000 },
  );
});
