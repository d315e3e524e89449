import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { CheckedGlobal } from '../program/checked.ts';
import type { ThreadShare } from '../program/wire.ts';
import { Account } from './account.ts';
import { coordinatorBudget, defaultBudget } from './budget.ts';
import { StatsCell } from './cells.ts';
import { State } from './state.ts';
import { global } from './testing/trees.ts';

/** Threads and a coordinator on one clock that never stands still; what travels is JSON. */
class Threads {
  now = 1;
  readonly merged: State;
  readonly threads: readonly State[];

  constructor(globals: readonly CheckedGlobal[], count: number) {
    const nowNs = (): number => this.now++;
    this.merged = new State(globals, { account: new Account(coordinatorBudget, nowNs), isMaster: true }); // prettier-ignore
    this.threads = Array.from({ length: count }, () => new State(globals, { account: new Account(defaultBudget, nowNs), isMaster: false })); // prettier-ignore
  }

  collect(which: readonly State[] = this.threads): void {
    const shares = which.map((state): ThreadShare => through({ globals: state.collect(), hasExited: false })); // prettier-ignore
    this.merged.merge(shares);
  }

  apply(): void {
    for (const state of this.threads) state.apply(through(this.merged.tell()));
  }

  /** What the coordinator's own bodies have done becomes the merged state. */
  settle(): void {
    this.merged.collect();
  }
}

function through<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

const thread = fc.nat(2);
const key = fc.constantFrom<string>('a', 'b', '__proto__');

describe('sums and statistics of several threads', () => {
  const globals = [
    global('sum', 'number', ['string'], { isReadByEvents: true }),
    global('quiet', 'number', ['string']),
    global('stats', 'stats', ['string'], { isReadByEvents: true }),
  ];
  const step = fc.oneof(
    { arbitrary: fc.record({ do: fc.constant('add' as const), thread, key, amount: fc.integer({ min: -9, max: 9 }) }), weight: 6 }, // prettier-ignore
    fc.record({ do: fc.constant('collect' as const) }),
    fc.record({ do: fc.constant('collect one' as const), thread }),
    fc.record({ do: fc.constant('apply' as const) }),
    fc.record({ do: fc.constant('delete' as const), key }),
    fc.record({ do: fc.constant('assign' as const), key, amount: fc.nat(99) }),
  );

  it('are merged exactly: nothing is lost, nothing counts twice', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const all = new Threads(globals, 3);
        // One map of numbers for what has been merged, one for what has not.
        const merged = new Map<string, number>();
        const counts = new Map<string, number>();
        const waiting: { thread: number; key: string; amount: number }[] = [];
        const take = (isTaken: (each: { thread: number }) => boolean): void => {
          for (const each of waiting.filter(isTaken)) {
            merged.set(each.key, (merged.get(each.key) ?? 0) + each.amount);
            counts.set(each.key, (counts.get(each.key) ?? 0) + 1);
          }
          waiting.splice(0, waiting.length, ...waiting.filter((each) => !isTaken(each)));
        };
        const run = (each: (typeof steps)[number]): void => {
          const [sum, quiet, stats] = all.merged.stores;
          switch (each.do) {
            case 'add': {
              const { stores } = all.threads[each.thread] ?? all.merged;
              stores[0]?.add(each.key, each.amount);
              stores[1]?.add(each.key, each.amount);
              stores[2]?.aggregate(each.key, each.amount);
              waiting.push(each);
              break;
            }
            case 'collect':
              all.collect();
              take(() => true);
              break;
            case 'collect one':
              all.collect(all.threads.slice(each.thread, each.thread + 1));
              take((waits) => waits.thread === each.thread);
              break;
            case 'apply':
              all.apply();
              break;
            case 'delete':
              for (const store of [sum, quiet, stats]) store?.remove(each.key);
              all.settle();
              merged.delete(each.key);
              counts.delete(each.key);
              break;
            case 'assign':
            default:
              sum?.set(each.key, each.amount);
              quiet?.set(each.key, each.amount);
              all.settle();
              merged.set(each.key, each.amount);
          }
        };
        for (const each of steps) {
          run(each);
          for (const name of ['a', 'b', '__proto__']) {
            expect(all.merged.stores[0]?.get(name)).toBe(merged.get(name) ?? 0);
            expect(all.merged.stores[1]?.get(name)).toBe(merged.get(name) ?? 0);
            expect(all.merged.stores[2]?.statistic('count', name)).toBe(counts.get(name) ?? 0);
          }
        }
        // Once everything is merged and told, every thread reads the same.
        all.collect();
        take(() => true);
        all.apply();
        for (const { stores } of all.threads) {
          for (const name of ['a', 'b', '__proto__']) {
            expect(stores[0]?.get(name)).toBe(merged.get(name) ?? 0);
            expect(stores[0]?.has(name)).toBe(merged.has(name));
            expect(stores[2]?.statistic('count', name)).toBe(counts.get(name) ?? 0);
          }
          expect(stores[0]?.size).toBe(merged.size);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a program of one thread', () => {
  const globals = [
    global('sum', 'number', ['string'], { isReadByEvents: true }),
    global('stats', 'stats', ['string'], { isReadByEvents: true }),
  ];
  const step = fc.oneof(
    { arbitrary: fc.record({ do: fc.constant('add' as const), key, amount: fc.integer({ min: -9, max: 9 }) }), weight: 4 }, // prettier-ignore
    fc.record({ do: fc.constant('delete' as const), key }),
    fc.record({ do: fc.constant('clear' as const) }),
    fc.record({ do: fc.constant('collect' as const) }),
    fc.record({ do: fc.constant('round' as const) }),
  );

  it('reads what it has added at once, before and after its share is handed over', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const all = new Threads(globals, 1);
        const sums = new Map<string, number>();
        const values = new Map<string, number[]>();
        const [sum, stats] = all.threads[0]?.stores ?? [];
        for (const each of steps) {
          switch (each.do) {
            case 'add':
              sum?.add(each.key, each.amount);
              stats?.aggregate(each.key, each.amount);
              sums.set(each.key, (sums.get(each.key) ?? 0) + each.amount);
              values.set(each.key, [...(values.get(each.key) ?? []), each.amount]);
              break;
            case 'delete':
              sum?.remove(each.key);
              stats?.remove(each.key);
              sums.delete(each.key);
              values.delete(each.key);
              break;
            case 'clear':
              sum?.clear();
              stats?.clear();
              sums.clear();
              values.clear();
              break;
            case 'collect':
              all.collect();
              break;
            case 'round':
            default:
              all.collect();
              all.apply();
          }
          expect(sum?.list('none', Infinity).map((name) => [name, sum.get(name)])).toEqual([...sums]); // prettier-ignore
          for (const [name, list] of values) {
            expect(stats?.statistic('count', name)).toBe(list.length);
            expect(stats?.statistic('max', name)).toBe(Math.max(...list));
          }
          expect(stats?.size).toBe(values.size);
        }
        all.collect();
        expect(all.merged.stores[0]?.list('none', Infinity)).toEqual([...sums.keys()]);
      }),
      { numRuns: 300 },
    );
  });

  it('sees what the coordinator assigned after its own last write', () => {
    const all = new Threads(
      [global('x', 'number', [], { merge: 'last', isReadByEvents: true })],
      1,
    );
    const [x] = all.threads[0]?.stores ?? [];
    all.collect();
    x?.set(0, 1);
    all.merged.stores[0]?.set(0, 2);
    all.settle();
    all.apply();
    expect(x?.get(0)).toBe(2);
  });
});

describe('the last write of several threads', () => {
  const globals = [global('last', 'number', ['string'], { merge: 'last', isReadByEvents: true })];
  const step = fc.oneof(
    { arbitrary: fc.record({ do: fc.constant('set' as const), thread, key, value: fc.nat(99) }), weight: 4 }, // prettier-ignore
    { arbitrary: fc.record({ do: fc.constant('delete' as const), thread, key }), weight: 2 },
    fc.record({ do: fc.constant('clear' as const), thread }),
    fc.record({ do: fc.constant('collect' as const) }),
    fc.record({ do: fc.constant('collect one' as const), thread }),
    fc.record({ do: fc.constant('apply' as const) }),
    fc.record({ do: fc.constant('assign' as const), key, value: fc.nat(99) }),
    fc.record({ do: fc.constant('bury' as const), key }),
  );

  it('stands once all shares are merged, whoever made it, in whatever order they came', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const all = new Threads(globals, 3);
        const last = new Map<string, number>();
        for (const each of steps) {
          const stores = 'thread' in each ? all.threads[each.thread]?.stores : all.merged.stores;
          const store = stores?.[0];
          switch (each.do) {
            case 'set':
            case 'assign':
              store?.set(each.key, each.value);
              last.set(each.key, each.value);
              break;
            case 'delete':
            case 'bury':
              store?.remove(each.key);
              last.delete(each.key);
              break;
            case 'clear':
              store?.clear();
              last.clear();
              break;
            case 'collect':
              all.collect();
              break;
            case 'collect one':
              all.collect(all.threads.slice(each.thread, each.thread + 1));
              break;
            case 'apply':
            default:
              all.apply();
          }
          all.settle();
        }
        all.collect();
        all.apply();
        for (const { stores } of [all.merged, ...all.threads]) {
          const entries = (stores[0]?.list('none', Infinity) ?? []).map((name) => [name, stores[0]?.get(name)]); // prettier-ignore
          expect(Object.fromEntries(entries)).toEqual(Object.fromEntries(last));
          expect(stores[0]?.size).toBe(last.size);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is read at once in the thread that made it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const all = new Threads(globals, 1);
        const last = new Map<string, number>();
        const store = all.threads[0]?.stores[0];
        for (const each of steps) {
          if (each.do === 'set') {
            store?.set(each.key, each.value);
            last.set(each.key, each.value);
          } else if (each.do === 'delete') {
            store?.remove(each.key);
            last.delete(each.key);
          } else if (each.do === 'clear') {
            store?.clear();
            last.clear();
          } else if (each.do === 'collect') all.collect();
          else if (each.do === 'apply') {
            all.collect();
            all.apply();
          }
          expect(store?.list('none', Infinity).map((name) => [name, store.get(name)])).toEqual([...last]); // prettier-ignore
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a share that is asked for in the middle of a body', () => {
  const globals = [
    global('sum', 'number', ['string'], { isReadByEvents: true }),
    global('stats', 'stats', ['string'], { buckets: { hasLog2: true } }),
    global('last', 'string', ['string'], { isReadByEvents: true }),
  ];

  it('takes nothing away from what the body is about to write', () => {
    const account = new Account(defaultBudget, () => 1);
    const state = new State(globals, { account, isMaster: false });
    const merged = new State(globals, { account: new Account(coordinatorBudget, () => 1), isMaster: true }); // prettier-ignore
    const collect = (isBusy: boolean): void =>
      merged.merge([through({ globals: state.collect(isBusy), hasExited: false })]);
    // An interrupt comes where a function is called: here, in each that a write calls.
    let interrupts = 0;
    const interrupt = (): void => {
      interrupts++;
      collect(true);
    };
    for (const method of ['admit', 'charge'] as const) {
      const original = account[method].bind(account) as (...args: unknown[]) => void;
      account[method] = (...args: unknown[]) => {
        interrupt();
        original(...args);
      };
    }
    // oxlint-disable-next-line typescript/unbound-method -- called with a receiver below
    const { add } = StatsCell.prototype;
    const spy = vi.spyOn(StatsCell.prototype, 'add').mockImplementation(function (
      this: StatsCell,
      value,
    ) {
      // prettier-ignore
      interrupt();
      add.call(this, value);
    });
    const [sum, stats, last] = state.stores;
    sum?.add('a', 1);
    sum?.add('a', 2);
    for (const value of [7, 9]) stats?.aggregate('a', value);
    for (const value of ['x', 'longer']) last?.set('a', value);
    spy.mockRestore();
    expect(interrupts).toBeGreaterThan(5);
    expect([sum?.get('a'), last?.get('a')]).toEqual([3, 'longer']);
    collect(false);
    expect(merged.stores[0]?.get('a')).toBe(3);
    expect(merged.stores[1]?.statistic('count', 'a')).toBe(2);
    expect(merged.stores[1]?.statistic('min', 'a')).toBe(7);
    expect(merged.stores[1]?.statistic('hist', 'a')).toContain('[4, 8)');
    expect(merged.stores[2]?.get('a')).toBe('longer');
    // What was kept for the body is dropped when nothing came.
    collect(true);
    collect(false);
    expect(state.collect()).toEqual([]);
  });
});
