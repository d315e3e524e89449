import { expect, it, vi } from 'vitest';
import { flagWord } from './flags.ts';
import { monotonicNs } from './clock.ts';
import { Registry } from './registry.ts';
import type { TapOptions } from './tap.ts';

function setUp(): {
  registry: Registry;
  post: (n: number) => void;
  calls: unknown[][];
  stop: (options?: Partial<TapOptions>) => ReturnType<Registry['tap']>;
} {
  const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
  const type = registry.registerEventType({ name: 'tick', description: '', fields: { n: { type: 'u32' } } }); // prettier-ignore
  const calls: unknown[][] = [];
  vi.spyOn(registry, 'stopSentinel').mockImplementation((...call) => calls.push(call));
  Atomics.store(registry.words, flagWord.sentinelArmed, 1);
  return {
    registry,
    calls,
    post: (n) => type.post({ n }),
    stop: (options) => registry.tap({ mode: 'stop', pattern: 'tick', ...options }),
  };
}

it('calls the sentinel once, last, with every catchpoint that stops', () => {
  const { registry, post, calls, stop } = setUp();
  stop({ catchId: 1 });
  stop({ catchId: 2, where: () => (p) => p['n'] === 2 });
  registry.tap({ mode: 'probe', pattern: 'tick', run: () => calls.push(['probe']) });
  post(1);
  post(2);
  expect(calls).toEqual([
    ['probe'],
    [[1], 'tick', { n: 1 }],
    ['probe'],
    [[1, 2], 'tick', { n: 2 }],
  ]);
});

it('does not call it for a catchpoint that will not stop', () => {
  const { post, calls, stop } = setUp();
  stop({ where: () => () => false });
  post(1);
  expect(calls).toEqual([]);
});

it('lets as many matching events pass as were to be ignored', () => {
  const { post, calls, stop } = setUp();
  stop({ catchId: 1, ignore: 2, where: () => (p) => Number(p['n']) % 2 === 0 });
  for (let n = 1; n <= 8; n++) post(n);
  expect(calls.map(([, , payload]) => payload)).toEqual([{ n: 6 }, { n: 8 }]);
});

it('keeps a temporary catchpoint whose stop was missed', () => {
  const { registry, post, calls, stop } = setUp();
  const tap = stop({ catchId: 1, temporary: true });
  Atomics.store(registry.words, flagWord.sentinelArmed, 0);
  post(1);
  expect(tap.isLive).toBe(true);
  Atomics.store(registry.words, flagWord.sentinelArmed, 1);
  post(2);
  post(3);
  expect(calls).toEqual([[[1], 'tick', { n: 2 }]]);
  expect(tap.isLive).toBe(false);
});

it('stops once for a temporary catchpoint', () => {
  const { post, calls, stop } = setUp();
  const tap = stop({ catchId: 1, temporary: true, ignore: 1 });
  for (let n = 1; n <= 4; n++) post(n);
  expect(calls).toEqual([[[1], 'tick', { n: 2 }]]);
  expect(tap.isLive).toBe(false);
  expect(tap.account).toMatchObject({ matched: 2, delivered: 2, lost: 0 });
});

it('waits a moment for a debugger that is late, but once; stops that are missed are counted', () => {
  const { registry, post, calls, stop } = setUp();
  Atomics.store(registry.words, flagWord.sentinelArmed, 0);
  const wait = vi.spyOn(Atomics, 'wait');
  stop();
  const before = monotonicNs();
  for (let n = 0; n < 10; n++) post(n);
  expect(monotonicNs() - before).toBeGreaterThan(45e6);
  expect(wait).toHaveBeenCalledExactlyOnceWith(expect.anything(), flagWord.sentinelArmed, 0, 50);
  expect(calls).toEqual([]);
  expect(registry.words[flagWord.stopsMissed]).toBe(10);
  Atomics.store(registry.words, flagWord.sentinelArmed, 1);
  post(11);
  expect(calls).toHaveLength(1);
  wait.mockRestore();
});
