import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Detector } from './detector.ts';
import type { DetectorOptions } from './detector.ts';
import { makeFunction, makePlace, makeSample } from '../fixtures/test-data.ts';

const options: DetectorOptions = {
  frequencyHz: 100,
  windowMs: 1000,
  by: 'function',
  share: 0.1,
  cooldownMs: 5000,
};
const hot = makePlace(makeFunction('hot', 1), 2);
const cold = makePlace(makeFunction('cold', 10), 11);
const period = 10e6;

/** Samples at 100 Hz from `startMs`, one for each place. */
const feed = (
  detector: Detector,
  startMs: number,
  places: readonly (typeof hot)[],
): ReturnType<Detector['feed']> =>
  detector.feed(
    places.map((place, index) => makeSample(place, startMs * 1e6 + index * period)),
    startMs * 1e6 + places.length * period,
  );

describe('Detector', () => {
  it('finds the N-th hit and tells its time', () => {
    const detector = new Detector(options);
    expect(detector.neededHits).toBe(10);
    const findings = feed(detector, 0, [...Array<typeof hot>(9).fill(hot), cold, hot, cold]);
    expect(findings).toEqual([
      { function: hot.function, line: 0, hits: 10, samples: 11, timeNs: 10 * period },
    ]);
  });

  it('finds nothing with one hit less, and nothing that is spread over more than the window', () => {
    const detector = new Detector({ ...options, hits: 10 });
    expect(feed(detector, 0, Array<typeof hot>(9).fill(hot))).toEqual([]);
    const slow = new Detector({ ...options, hits: 10 });
    for (let at = 0; at < 30; at++) expect(feed(slow, at * 120, [hot])).toEqual([]);
  });

  it('counts by line when asked to', () => {
    const detector = new Detector({ ...options, by: 'line', hits: 3 });
    const other = { ...hot, key: 'other', line: 3 };
    const findings = feed(detector, 0, [hot, other, hot, other, hot]);
    expect(findings).toMatchObject([{ line: 2, hits: 3, timeNs: 4 * period }]);
  });

  it('finds the share of a window that is only partly busy, not before the window is full', () => {
    const detector = new Detector({ ...options, windowMs: 10_000, share: 0.5 });
    // A tenth of the time busy: never 500 hits, but nearly all of the busy samples.
    const burst = [...Array<typeof hot>(9).fill(hot), cold];
    let found: unknown[] = [];
    for (let second = 0; second < 9; second++) {
      found = feed(detector, second * 1000, burst);
      expect(found).toEqual([]);
    }
    found = feed(detector, 9000, [
      ...burst,
      ...burst,
      ...burst,
      ...burst,
      ...burst,
      ...burst,
      ...burst,
    ]);
    expect(found).toMatchObject([{ function: hot.function }]);
  });

  it('finds nothing in a window with hardly any busy samples', () => {
    const detector = new Detector(options);
    for (let second = 0; second < 5; second++)
      expect(feed(detector, second * 1000, [hot, hot])).toEqual([]);
    expect(detector.top(5e9)).toBeUndefined();
  });

  it('lets a posted place rest, and then wants all its hits anew', () => {
    const detector = new Detector(options);
    const [finding] = feed(detector, 0, Array<typeof hot>(20).fill(hot));
    if (finding === undefined) throw new Error('nothing found');
    detector.rest(finding);
    const untilMs = finding.timeNs / 1e6 + options.cooldownMs;
    expect(
      feed(detector, 1000, Array<typeof hot>(Math.floor((untilMs - 1000) / 10)).fill(hot)),
    ).toEqual([]);
    const again = feed(detector, untilMs, Array<typeof hot>(20).fill(hot));
    expect(again).toMatchObject([{ timeNs: untilMs * 1e6 + 9 * period }]);
  });

  it('takes only its own frequency of samples that come faster', () => {
    const detector = new Detector({ ...options, hits: 1000 });
    const fast = Array.from({ length: 1000 }, (_, index) => makeSample(hot, index * 1e6));
    detector.feed(fast, 1e9);
    const samples = detector.top(1e9)?.samples ?? 0;
    expect(samples).toBeGreaterThanOrEqual(95);
    expect(samples).toBeLessThanOrEqual(105);
  });

  it('finds the same whether samples come in one window or in many, and again after a reset', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 200 }),
        fc.integer({ min: 1, max: 50 }),
        (flips, size) => {
          const samples = flips.map((isHot, index) =>
            makeSample(isHot ? hot : cold, index * period),
          );
          const toNs = flips.length * period;
          const once = new Detector({ ...options, hits: 15 });
          const expected = once.feed(samples, toNs);
          const often = new Detector({ ...options, hits: 15 });
          const seen = new Map<string, unknown>();
          for (let at = 0; at < samples.length; at += size) {
            const part = samples.slice(at, at + size);
            for (const each of often.feed(part, part.at(-1)?.timeNs ?? 0)) {
              if (!seen.has(each.function.key)) seen.set(each.function.key, each);
            }
          }
          expect([...seen.values()]).toEqual(expected);
          once.reset();
          expect(once.feed(samples, toNs)).toEqual(expected);
        },
      ),
    );
  });
});
