import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WindowCounter } from './window-counter.ts';

const ms = 1e6;

/** Counts exactly what lies in the window that ends at the last time. */
function exact(
  stream: readonly (readonly [number, string])[],
  windowMs: number,
): Map<string, number> {
  const lastNs = stream.at(-1)?.[0] ?? 0;
  const counts = new Map<string, number>();
  for (const [timeNs, key] of stream) {
    if (timeNs > lastNs - windowMs * ms) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Times that never decrease, with keys from a small set. */
const streams = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 30 })), {
    minLength: 1,
    maxLength: 400,
  })
  .map((steps) => {
    let timeNs = 0;
    return steps.map(([stepMs, key]): readonly [number, string] => [
      (timeNs += stepMs * ms),
      `key ${key}`,
    ]);
  });

describe('WindowCounter', () => {
  it('counts exactly while the keys fit', () => {
    fc.assert(
      fc.property(streams, fc.integer({ min: 1, max: 200 }), (stream, windowMs) => {
        const counter = new WindowCounter(windowMs, 31);
        for (const [timeNs, key] of stream) counter.add(timeNs, key);
        const counts = exact(stream, windowMs);
        for (let key = 0; key <= 30; key++) {
          expect(counter.hits(`key ${key}`)).toBe(counts.get(`key ${key}`) ?? 0);
        }
        expect(counter.total).toBe([...counts.values()].reduce((sum, each) => sum + each, 0));
      }),
    );
  });

  it('never counts too much when there are more keys than room', () => {
    fc.assert(
      fc.property(streams, fc.integer({ min: 1, max: 8 }), (stream, capacity) => {
        const counter = new WindowCounter(100, capacity);
        for (const [timeNs, key] of stream) counter.add(timeNs, key);
        for (const [key, count] of exact(stream, 100))
          expect(counter.hits(key)).toBeLessThanOrEqual(count);
        expect(counter.above(1).length).toBeLessThanOrEqual(capacity);
      }),
    );
  });

  it('keeps a key that makes up half of the samples, whatever else comes', () => {
    fc.assert(
      fc.property(streams, (stream) => {
        const counter = new WindowCounter(1e6, 4);
        for (const [timeNs, key] of stream) {
          counter.add(timeNs, key);
          counter.add(timeNs, 'hot');
        }
        // It loses at most the samples before it was in its slot for good.
        expect(counter.hits('hot')).toBeGreaterThanOrEqual(stream.length - 4);
        expect(stream.length > 8 ? counter.top?.key : 'hot').toBe('hot');
      }),
    );
  });

  it('counts samples without a key in the total only', () => {
    const counter = new WindowCounter(10);
    counter.add(0, undefined);
    counter.add(1, 'a');
    expect(counter.total).toBe(2);
    expect(counter.top).toEqual({ key: 'a', hits: 1 });
    counter.moveTo(11 * ms);
    expect(counter.total).toBe(0);
    expect(counter.top).toBeUndefined();
  });
});
