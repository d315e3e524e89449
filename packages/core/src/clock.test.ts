import { expect, it } from 'vitest';
import { monotonicNs } from './clock.ts';

it('tells CLOCK_MONOTONIC in whole nanoseconds', () => {
  const before = Number(process.hrtime.bigint());
  const times = Array.from({ length: 1000 }, () => monotonicNs());
  const after = Number(process.hrtime.bigint());
  expect(times.filter((ns) => !Number.isInteger(ns))).toEqual([]);
  // Two clocks read one after the other, and a calibration.
  expect(times[0]).toBeGreaterThan(before - 1e6);
  expect(times.at(-1)).toBeLessThan(after + 1e6);
});
