/** Filtered types whose source costs something: it runs while somebody listens, by name or by wildcard. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Arming } from './arms.ts';
import { Registry } from './registry.ts';
import type { TapOptions } from './tap.ts';
import { TestRing } from './test-ring.ts';
import type { Comparison } from './types.ts';

interface Sources {
  readonly armed: Map<string, Arming>;
  /** Lets the sources that are being armed come up. */
  finish(): Promise<void>;
}

function register(registry: Registry, narrowsBy?: readonly string[], isSlow = false): Sources {
  const armed = new Map<string, Arming>();
  const waiting: (() => void)[] = [];
  const slow = new Promise<void>((resolve) => waiting.push(resolve));
  for (const name of ['net.send', 'net.close']) {
    registry.registerEventType({
      name,
      description: '',
      fields: { len: { type: 'u32' }, fd: { type: 'u32' } },
      separatesStops: true,
      ...(narrowsBy === undefined ? {} : { narrowsBy }),
      arm: (arming) => {
        armed.set(`${name} ${arming.armId}`, arming);
        return isSlow ? slow : undefined;
      },
      disarm: ({ armId }) => void armed.delete(`${name} ${armId}`),
    });
  }
  return {
    armed,
    async finish() {
      for (const resolve of waiting) resolve();
      for (let i = 0; i < 4; i++) await Promise.resolve();
    },
  };
}

const names = ({ armed }: Sources): string[] => [...armed.keys()].map((key) => key.split(' ')[0] ?? '').toSorted(); // prettier-ignore
const thirteen: Comparison = { field: 'len', op: '==', value: 13 };

describe('a filtered type with a source', () => {
  it('runs it from the first listener to the last, wildcards included', () => {
    const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
    const sources = register(registry);
    expect(names(sources)).toEqual([]);
    const all = registry.listen('net.*', () => undefined);
    expect(names(sources)).toEqual(['net.close', 'net.send']);
    const one = registry.listen('net.send', () => undefined);
    expect(sources.armed.size).toBe(2);
    all.unlisten();
    expect(names(sources)).toEqual(['net.send']);
    one.unlisten();
    expect(names(sources)).toEqual([]);
  });

  it('takes no parameters, and does not mind any', () => {
    const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
    const sources = register(registry);
    registry.listen('net.send', () => undefined, { request: { share: 0.5 } });
    expect([...sources.armed.values()]).toMatchObject([{ request: {} }]);
  });

  it('is heard by those of its arming, on the thread that they chose', () => {
    const ring = new TestRing();
    const { armed } = register(ring.registry);
    ring.registry.tap({ mode: 'record', pattern: 'net.*', slot: 0 });
    ring.registry.tap({ mode: 'record', pattern: 'net.send', slot: 1, subject: { tid: 9, threadId: -1 } }); // prettier-ignore
    for (const arming of armed.values()) arming.post({ len: arming.subject?.tid ?? 0, fd: 3 });
    const heard = ring.read().map((item) => 'payload' in item && [item.payload['len'], item.slots]);
    expect(heard).toEqual([[0, [0]], [0, [0]], [9, [1]]]); // prettier-ignore
  });

  it('goes with its type', () => {
    const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
    const sources = register(registry);
    registry.listen('net.*', () => undefined);
    registry.tryGetEventType('net.send')?.unregister();
    expect(names(sources)).toEqual(['net.close']);
  });

  it('tells a tap for which names it is still being armed', async () => {
    const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
    const sources = register(registry, undefined, true);
    const told: string[] = [];
    const tap = registry.tap({ mode: 'local', pattern: 'net.*', onArmed: (name) => void told.push(name) }); // prettier-ignore
    const second = registry.tap({ mode: 'local', pattern: 'net.send' });
    expect([[...tap.awaits], [...second.awaits]]).toEqual([['net.send', 'net.close'], ['net.send']]); // prettier-ignore
    await sources.finish();
    expect([tap.awaits.size, second.awaits.size, told]).toEqual([0, 0, ['net.send', 'net.close']]);
  });
});

const listen = (registry: Registry, comparisons: readonly Comparison[], rest: Partial<TapOptions> = {}) =>
  registry.tap({ mode: 'local', pattern: 'net.send', narrow: () => comparisons, ...rest }); // prettier-ignore

describe('a source that leaves events out at their origin', () => {
  it('is armed once for listeners that refuse the same, apart from all others', () => {
    const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
    const { armed } = register(registry, ['len']);
    const other: Comparison = { field: 'fd', op: '==', value: 3 };
    listen(registry, [thirteen, other]);
    listen(registry, [thirteen]);
    listen(registry, [{ ...thirteen, value: '13' }]);
    listen(registry, []);
    listen(registry, [thirteen], { mode: 'stop' });
    expect([...armed.values()].map(({ narrow, isStop }) => [narrow, isStop])).toEqual([
      [[thirteen], false],
      [[{ ...thirteen, value: '13' }], false],
      [[], false],
      [[thirteen], true],
    ]);
  });

  it('is asked with the fields that it knows, and others are not asked at all', () => {
    const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
    const asked: unknown[] = [];
    const narrow = ({ name }: { name: string }, fields: readonly string[]) => {
      asked.push([name, fields]);
      return [thirteen];
    };
    const { armed } = register(registry, ['len']);
    const plain = new Registry({ tid: 8, threadId: 0 }, 'main');
    const without = register(plain);
    for (const each of [registry, plain]) each.tap({ mode: 'local', pattern: 'net.send', narrow });
    expect(asked).toEqual([['net.send', ['len']]]);
    expect([armed, without.armed].map((map) => [...map.values()].map((a) => a.narrow))).toEqual([[[thirteen]], [[]]]); // prettier-ignore
  });

  it('keeps every account exact, whoever listens to what', () => {
    const limit = fc.option(fc.nat(5), { nil: undefined });
    fc.assert(
      fc.property(fc.array(limit, { minLength: 1, maxLength: 8 }), fc.array(fc.nat(5)), (limits, lengths) => {
        const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
        const { armed } = register(registry, ['len']);
        const taps = limits.map((value) =>
          registry.tap({
            mode: 'probe',
            pattern: 'net.*',
            run: () => undefined,
            ...(value === undefined ? {} : { where: () => ({ len }) => len === value, narrow: () => [{ field: 'len', op: '==', value }] }),
          }),
        );
        for (const len of lengths)
          for (const [name, arming] of armed) {
            const isWanted = arming.narrow.every(({ value }) => value === len);
            if (isWanted && name.startsWith('net.send')) arming.post({ len, fd: 1 });
          }
        const expected = limits.map((value) => lengths.filter((len) => value === undefined || len === value).length);
        expect(taps.map((tap) => tap.account.matched)).toEqual(expected);
      }),
    ); // prettier-ignore
  });
});
