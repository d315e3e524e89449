/** What core does for sources that post about other threads than their own. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Arming } from './arms.ts';
import { Registry } from './registry.ts';
import type { PredicateContext } from './tap.ts';
import { TestRing } from './test-ring.ts';

const subject = { tid: 300, threadId: -1 };

function register(registry: Registry, separatesStops: boolean): Set<Arming> {
  const armed = new Set<Arming>();
  registry.registerEventType({
    name: 'hit',
    kind: 'requested',
    description: '',
    fields: { n: { type: 'u32' } },
    separatesStops,
    arm: (arming) => void armed.add(arming as never),
    disarm: (arming) => void armed.delete(arming as never),
  });
  return armed;
}

const tapBoth = (registry: Registry) => [
  registry.tap({ mode: 'record', pattern: 'hit', slot: 0 }),
  registry.tap({ mode: 'stop', pattern: 'hit', catchId: 1 }),
  registry.tap({ mode: 'stop', pattern: 'hit', catchId: 2 }),
];

describe('a catchpoint', () => {
  it('gets an arming of its own from a source that needs other means to stop', () => {
    const { registry } = new TestRing();
    const armed = register(registry, true);
    const taps = tapBoth(registry);
    expect([...armed].map(({ isStop }) => isStop)).toEqual([false, true]);
    for (const tap of taps) registry.untap(tap);
    expect(armed.size).toBe(0);
  });

  it('shares the arming of listeners where the source makes no difference', () => {
    const { registry } = new TestRing();
    const armed = register(registry, false);
    tapBoth(registry);
    expect([...armed].map(({ isStop }) => isStop)).toEqual([false]);
  });

  it('hears only what its own arming posts', () => {
    const ring = new TestRing();
    const armed = register(ring.registry, true);
    const stops: unknown[] = [];
    ring.registry.onStop = (catchIds, event) => stops.push([catchIds, event]);
    tapBoth(ring.registry);
    for (const arming of armed) arming.post({ n: arming.isStop ? 1 : 0 }, subject, 55);
    expect(stops).toEqual([[[1, 2], { name: 'hit', payload: { n: 1 }, subject, timestampNs: 55 }]]);
    expect(ring.read()).toMatchObject([{ payload: { n: 0 }, slots: [0] }]);
  });

  it('that is temporary ends with the stop that a host was told of', () => {
    const { registry } = new TestRing();
    const armed = register(registry, true);
    registry.onStop = () => undefined;
    registry.tap({ mode: 'stop', pattern: 'hit', catchId: 1, temporary: true });
    for (const arming of armed) arming.post({ n: 1 });
    expect(armed.size).toBe(0);
  });
});

describe('what a source says that it lost', () => {
  it('counts for each listener of the arming, once, in band and in one report', async () => {
    const ring = new TestRing();
    const { registry } = ring;
    const armed = register(registry, false);
    const reports: unknown[] = [];
    registry.listen('registry.lost', ({ payload }) => reports.push(payload));
    const taps = [0, 1].map((slot) => registry.tap({ mode: 'record', pattern: 'hit', slot }));
    const other = registry.tap({ mode: 'record', pattern: 'hit', slot: 2, subject });
    const [arming, apart] = armed;
    arming?.post({ n: 1 });
    arming?.lose(1_000_000_000);
    arming?.post({ n: 2 });
    apart?.post({ n: 3 });
    await Promise.resolve();
    expect(ring.read()).toMatchObject([
      { payload: { n: 1 }, slots: [0, 1] },
      { slot: 0, reason: 'ring-full', count: 1_000_000_000 },
      { slot: 1, reason: 'ring-full', count: 1_000_000_000 },
      { payload: { n: 2 }, slots: [0, 1] },
      { payload: { n: 3 }, slots: [2] },
    ]);
    for (const tap of taps)
      expect(tap.account).toMatchObject({ matched: 1_000_000_002, delivered: 2, lost: 1e9 });
    expect(other.account).toMatchObject({ matched: 1, delivered: 1, lost: 0 });
    expect(ring.reader.counters(0)).toEqual({ matched: 1_000_000_002, lost: 1e9, throttled: 0 });
    expect(reports).toMatchObject([{ name: 'hit', reason: 'ring-full', count: 1_000_000_000 }]);
  });

  it.each([0, -3, Number.NaN])('is nothing when it says %s', (count) => {
    const ring = new TestRing();
    const armed = register(ring.registry, false);
    const tap = ring.registry.tap({ mode: 'record', pattern: 'hit', slot: 0 });
    for (const arming of armed) arming.lose(count);
    expect(tap.account).toMatchObject({ matched: 0, lost: 0 });
  });

  it('keeps every account exact, in any order of posts and losses', () => {
    const step = fc.oneof(
      fc.record({ post: fc.nat(50) }),
      fc.record({ lose: fc.integer({ min: 1, max: 1e6 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const ring = new TestRing(4096);
        const armed = register(ring.registry, false);
        const tap = ring.registry.tap({ mode: 'record', pattern: 'hit', slot: 3 });
        const [arming] = armed;
        let matched = 0;
        for (const what of steps) {
          const posts = 'post' in what ? what.post : 0;
          for (let n = 0; n < posts; n++) arming?.post({ n });
          if ('lose' in what) arming?.lose(what.lose);
          matched += 'post' in what ? posts : what.lose;
        }
        ring.registry.untap(tap);
        const items = ring.read();
        const written = items.filter((item) => 'payload' in item).length;
        const { lost } = tap.account;
        expect(tap.account.matched).toBe(matched);
        expect(written + lost).toBe(matched);
        expect(ring.reader.counters(3)).toEqual({ matched, lost, throttled: 0 });
      }),
    );
  });
});

describe('a predicate', () => {
  it('sees the thread and the process that the event is about', () => {
    const ring = new TestRing();
    const armed = register(ring.registry, false);
    const seen: unknown[] = [];
    const where = () => (_payload: unknown, at: PredicateContext) => {
      seen.push([at.pid, at.tid, at.threadId, at.threadName, at.timestampNs]);
      return true;
    };
    ring.registry.tap({ mode: 'record', pattern: 'hit', slot: 0, where });
    const [arming] = armed;
    arming?.post({ n: 1 }, subject, 9);
    ring.registry.watched = { pid: 299, nameOf: (tid) => `thread ${tid}` };
    arming?.post({ n: 2 }, subject, 10);
    expect(seen).toEqual([
      [process.pid, 300, -1, 'main', 9],
      [299, 300, -1, 'thread 300', 10],
    ]);
  });
});
