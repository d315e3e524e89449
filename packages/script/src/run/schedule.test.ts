import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Schedule } from './schedule.ts';

it('runs what is due in the order of its time, then of the text', () => {
  const schedule = new Schedule([{ probe: 0, everyMs: 100 }, { probe: 1, everyMs: 50 }, { probe: 2, everyMs: 100 }], 0); // prettier-ignore
  expect(schedule.nextNs).toBe(50e6);
  expect(schedule.take(50e6)).toEqual([1]);
  expect(schedule.take(99e6)).toEqual([]);
  expect(schedule.take(100e6)).toEqual([0, 1, 2]);
  expect(schedule.take(260e6)).toEqual([1, 0, 2]);
  expect(schedule.skipped).toBe(2);
});

it('never waits for a timer that does not exist', () => {
  expect(new Schedule([], 0).nextNs).toBe(Infinity);
});

it('accounts for every tick, and never drifts', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.array(fc.nat(200)), (everyMs, delays) => {
      const schedule = new Schedule([{ probe: 0, everyMs }], 0);
      let nowNs = 0;
      let ran = 0;
      for (const delay of delays) {
        nowNs += delay * 1e6;
        ran += schedule.take(nowNs).length;
        expect(ran + schedule.skipped).toBe(Math.floor(nowNs / (everyMs * 1e6)));
        expect(schedule.nextNs % (everyMs * 1e6)).toBe(0);
        expect(schedule.nextNs).toBeGreaterThan(nowNs);
      }
    }),
  );
});
