// oxlint-disable vitest/no-conditional-expect, vitest/expect-expect -- what is expected depends on the generated case
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeavyHitters } from './heavy-hitters.ts';

const capacity = 8;
// Few values are frequent, many are rare.
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c') },
  { weight: 2, arbitrary: fc.nat(60).map(String) },
);
const streams = fc.array(fc.array(value, { maxLength: 150 }), { minLength: 1, maxLength: 6 });

function exact(all: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
  return counts;
}

function expectBounds(hitters: HeavyHitters, all: readonly string[]): void {
  const truth = exact(all);
  const found = new Map(hitters.top(Number.POSITIVE_INFINITY).map((top) => [top.value, top]));
  expect(hitters.count).toBe(all.length);
  expect(found.size).toBeLessThanOrEqual(capacity * 2);
  const bound = all.length / capacity;
  for (const [one, { count, error }] of found) {
    const times = truth.get(String(one)) ?? 0;
    expect(count).toBeGreaterThanOrEqual(times);
    expect(count - error).toBeLessThanOrEqual(times);
    expect(error).toBeLessThanOrEqual(bound);
  }
  for (const [one, times] of truth) if (times > bound) expect([...found.keys()]).toContain(one);
}

describe('heavy hitters', () => {
  it('never tell too few, never too many by more than their error, and miss nothing frequent', () => {
    fc.assert(
      fc.property(streams, (parts) => {
        const hitters = new HeavyHitters(capacity);
        for (const one of parts.flat()) hitters.add(one);
        expectBounds(hitters, parts.flat());
        hitters.settle();
        expectBounds(hitters, parts.flat());
      }),
    );
  });

  it('keep their bounds when parts are added up', () => {
    fc.assert(
      fc.property(streams, fc.boolean(), (parts, isSettled) => {
        const all = new HeavyHitters(capacity);
        for (const part of parts) {
          const one = new HeavyHitters(capacity);
          for (const each of part) one.add(each);
          if (isSettled) one.settle();
          all.merge(one);
        }
        expectBounds(all, parts.flat());
      }),
    );
  });

  it('are exact while there are few values', () => {
    const hitters = new HeavyHitters(capacity);
    for (let i = 0; i < 1000; i++) hitters.add(i % 16);
    expect(hitters.top(3)).toEqual([0, 1, 2].map((n) => ({ value: n, count: 63, error: 0 })));
  });
});
