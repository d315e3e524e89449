import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Hold, Pool } from './pool.ts';

interface Thing {
  readonly key: string;
  isEnded: boolean;
}

afterEach(() => {
  vi.useRealTimers();
});

function things(keepMs: number) {
  const made: Thing[] = [];
  const pool = new Pool<Thing>(keepMs, (thing) => {
    expect(thing.isEnded).toBe(false);
    thing.isEnded = true;
  });
  const use = (key: string): Hold<Thing> =>
    pool.use(key, () => {
      const thing = { key, isEnded: false };
      made.push(thing);
      return thing;
    });
  return { made, pool, use };
}

describe('a pool', () => {
  it('has one living thing for each key that is in use, and none for the others, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(20))), (actions) => {
        const { made, pool, use } = things(0);
        const holds: Hold<Thing>[] = [];
        for (const [key, at] of actions) {
          const index = at % (holds.length + 2);
          if (index < holds.length) holds.splice(index, 1)[0]?.release();
          else holds.push(use(key));
          const inUse = new Set(holds.map(({ value }) => value));
          expect(made.filter(({ isEnded }) => !isEnded)).toEqual(
            made.filter((one) => inUse.has(one)),
          );
          expect(new Set([...inUse].map((one) => one.key)).size).toBe(inUse.size);
          expect(pool.size).toBe(inUse.size);
        }
      }),
    );
  });

  it('keeps a thing for a while after its last user, for the next one', () => {
    vi.useFakeTimers();
    const { made, use } = things(1000);
    const first = use('a');
    first.release();
    first.release();
    vi.advanceTimersByTime(999);
    const second = use('a');
    expect(second.value).toBe(first.value);
    vi.advanceTimersByTime(5000);
    expect(made[0]?.isEnded).toBe(false);
    second.release();
    vi.advanceTimersByTime(1000);
    expect(made[0]?.isEnded).toBe(true);
    expect(use('a').value).not.toBe(first.value);
  });

  it('ends everything when it is cleared, once', () => {
    const { made, pool, use } = things(1000);
    const hold = use('a');
    use('b').release();
    pool.clear();
    hold.release();
    expect(made.map(({ isEnded }) => isEnded)).toEqual([true, true]);
  });
});
