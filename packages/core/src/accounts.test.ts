// oxlint-disable unicorn/consistent-function-scoping -- small throwers stand beside their use
import { describe, expect, it } from 'vitest';
import { Budget } from './budget.ts';
import type { Tap, TapOptions } from './tap.ts';
import { TestRing } from './test-ring.ts';

const fields = { n: { type: 'u32' } } as const;
const safePoint = (): Promise<void> => Promise.resolve();

function sum({
  account: { matched, delivered, lost, throttled },
}: {
  account: Tap['account'];
}): void {
  expect(delivered + lost + throttled).toBe(matched);
}

function setUp(bytes?: number): {
  ring: TestRing;
  post: (n: number) => void;
  record: (slot: number, options?: Partial<TapOptions>) => Tap;
} {
  const ring = new TestRing(bytes);
  const type = ring.registry.registerEventType({ name: 'tick', description: '', fields });
  return {
    ring,
    post: (n) => type.post({ n }),
    record: (slot, options) =>
      ring.registry.tap({ mode: 'record', pattern: 'tick', slot, ...options }),
  };
}

describe('a recorded listen', () => {
  it('gets each event once, with the set of listens that matched', () => {
    const { ring, post, record } = setUp();
    const even = record(0, { where: () => (p) => Number(p['n']) % 2 === 0 });
    const all = record(31);
    for (let n = 0; n < 4; n++) post(n);
    expect(ring.read()).toMatchObject([
      {
        name: 'tick',
        payload: { n: 0 },
        slots: [0, 31],
        armId: 0,
        subjectTid: 0,
        stack: undefined,
      },
      { payload: { n: 1 }, slots: [31] },
      { payload: { n: 2 }, slots: [0, 31] },
      { payload: { n: 3 }, slots: [31] },
    ]);
    expect(even.account).toMatchObject({ matched: 2, delivered: 2 });
    expect(all.account).toMatchObject({ matched: 4, delivered: 4 });
    expect(ring.reader.counters(0)).toEqual({ matched: 2, lost: 0, throttled: 0 });
    expect(ring.reader.counters(31)).toEqual({ matched: 4, lost: 0, throttled: 0 });
  });

  it('is told of losses in band, at their place, and their sum is exact', () => {
    const { ring, post, record } = setUp(4096);
    const tap = record(3);
    for (let n = 0; n < 500; n++) post(n);
    const first = ring.read();
    const written = first.length;
    expect(written).toBeLessThan(500);
    post(500);
    expect(ring.read()).toMatchObject([
      { slot: 3, reason: 'ring-full', count: 500 - written },
      { payload: { n: 500 } },
    ]);
    expect(tap.account).toMatchObject({
      matched: 501,
      delivered: written + 1,
      lost: 500 - written,
    });
    expect(ring.reader.counters(3)).toEqual({ matched: 501, lost: 500 - written, throttled: 0 });
    sum(tap);
  });

  it('is told of its last losses when it ends, if there is room then', () => {
    const { ring, post, record } = setUp();
    const tap = record(3);
    post(1);
    post(-1);
    ring.registry.untap(tap);
    expect(ring.read()).toMatchObject([
      { payload: { n: 1 } },
      { slot: 3, reason: 'bad-payload', count: 1 },
    ]);
  });

  it('starts with an empty account when its slot had another owner', () => {
    const { ring, post, record } = setUp(4096);
    const first = record(3);
    for (let n = 0; n < 500; n++) post(n);
    ring.registry.untap(first);
    record(3);
    ring.read();
    post(1);
    expect(ring.read()).toMatchObject([{ payload: { n: 1 }, slots: [3] }]);
    expect(ring.reader.counters(3)).toEqual({ matched: 1, lost: 0, throttled: 0 });
  });

  it('loses what it cannot write anywhere, and counts it', () => {
    const { ring, post, record } = setUp();
    const tap = record(0);
    ring.registry.setRing(undefined);
    post(1);
    expect(tap.account).toMatchObject({ matched: 1, delivered: 0, lost: 1 });
  });

  it('loses a record that would take more than a quarter of the ring', () => {
    const ring = new TestRing(4096);
    const type = ring.registry.registerEventType({ name: 'text', description: '', fields: { text: { type: 'string' } } }); // prettier-ignore
    const tap = ring.registry.tap({ mode: 'record', pattern: 'text', slot: 0 });
    const last = Math.floor((1024 - 32 - 4) / 3);
    type.post({ text: 'x'.repeat(last) });
    type.post({ text: 'x'.repeat(last + 1) });
    type.post({ text: '' });
    expect(ring.read()).toMatchObject([
      { payload: { text: 'x'.repeat(last) } },
      { reason: 'too-large', count: 1 },
      { payload: { text: '' } },
    ]);
    sum(tap);
  });

  it('ends when its predicate throws, and its failure is told', () => {
    const { ring, post, record } = setUp();
    const failures: unknown[] = [];
    const fail = (): never => {
      throw new Error('predicate');
    };
    const tap = record(1, {
      where: () => fail,
      onFailure: (name, error) => failures.push([name, error]),
    });
    post(1);
    post(2);
    expect(failures).toEqual([['tick', new Error('predicate')]]);
    expect(tap.account).toMatchObject({ matched: 1, delivered: 0, lost: 1 });
    expect(ring.read()).toMatchObject([{ slot: 1, reason: 'predicate-failed', count: 1 }]);
  });

  it('leaves out a type that its predicate does not fit, and tells why', () => {
    const { ring, post, record } = setUp();
    const failures: unknown[] = [];
    const tap = record(1, {
      where: ({ name }) => {
        throw new Error(`does not fit ${name}`);
      },
      onFailure: (name, error) => failures.push([name, error]),
    });
    post(1);
    expect(failures).toEqual([['tick', new Error('does not fit tick')]]);
    expect(tap.account).toMatchObject({ matched: 0 });
    expect(ring.read()).toEqual([]);
  });
});

describe('a budget', () => {
  it('holds back what goes beyond it, and counts that', async () => {
    const { ring, post, record } = setUp();
    const budget = new Budget({ eventsPerSecond: 50 });
    const tap = record(0, { budget });
    const local = ring.registry.tap({ mode: 'local', pattern: 'tick', run: () => {} });
    for (let n = 0; n < 1000; n++) post(n);
    await safePoint();
    const { matched, delivered, throttled, lost } = tap.account;
    expect({ matched, lost }).toEqual({ matched: 1000, lost: 0 });
    expect(delivered).toBeGreaterThanOrEqual(5);
    expect(throttled).toBe(1000 - delivered);
    expect(ring.read()).toHaveLength(delivered);
    expect(ring.reader.counters(0)).toEqual({ matched: 1000, lost: 0, throttled });
    expect(local.account).toMatchObject({ matched: 1000, delivered: 1000 });
  });
});

describe('a probe', () => {
  it('runs in the post, before everybody else, and its own posts come first', async () => {
    const { ring, post } = setUp();
    const heard: string[] = [];
    const { registry } = ring;
    const inner = registry.registerEventType({ name: 'inner', description: '', fields });
    registry.listen('tick', (event) => heard.push(`tick ${String(event.payload['n'])}`));
    registry.listen('inner', (event) => heard.push(`inner ${String(event.payload['n'])}`));
    const probe = registry.tap({
      mode: 'probe',
      pattern: 'tick',
      where: () => (p) => p['n'] !== 2,
      run: (event: { payload: { n: number } }) => {
        heard.push(`probe ${event.payload.n}`);
        inner.post({ n: event.payload.n * 10 });
      },
    });
    post(1);
    heard.push('posted');
    post(2);
    await safePoint();
    expect(heard).toEqual(['probe 1', 'posted', 'inner 10', 'tick 1', 'tick 2']);
    expect(probe.account).toMatchObject({ matched: 1, delivered: 1, lost: 0 });
  });

  it('that posts what it probes goes eight deep; what is deeper is lost, and counted', () => {
    const { ring, post, record } = setUp();
    const probe = ring.registry.tap({
      mode: 'probe',
      pattern: 'tick',
      run: (event: { payload: { n: number } }) => post(event.payload.n + 1),
    });
    const tap = record(0);
    post(1);
    expect(ring.read()).toMatchObject([
      { reason: 're-entry', count: 1 },
      ...[8, 7, 6, 5, 4, 3, 2, 1].map((n) => ({ payload: { n } })),
    ]);
    expect(tap.account).toMatchObject({ matched: 9, delivered: 8, lost: 1 });
    expect(probe.account).toMatchObject({ matched: 9, delivered: 8, lost: 1 });
    post(1);
    expect(tap.account).toMatchObject({ matched: 18, delivered: 16, lost: 2 });
  });

  it('that throws harms only itself', () => {
    const { ring, post, record } = setUp();
    const failures: unknown[] = [];
    ring.registry.tap({
      mode: 'probe',
      pattern: 't*',
      run: () => {
        throw new Error('probe');
      },
      onFailure: (name, error) => failures.push([name, error]),
    });
    const tap = record(0);
    post(1);
    post(2);
    expect(failures).toEqual([['t*', new Error('probe')]]);
    expect(tap.account).toMatchObject({ matched: 2, delivered: 2 });
  });
});
