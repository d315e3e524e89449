import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ThreadInfo } from '@extension-events/protocol';
import { JoinedThreads } from './joined-threads.ts';
import type { Side } from './target-connection.ts';

const thread = (key: number, tid: number): ThreadInfo => ({ key, tid, threadId: 0, name: '', state: 'running' }); // prettier-ignore

it('shows each thread that lives once, under one key for good, whatever comes and goes', () => {
  const step = fc.record({
    side: fc.constantFrom<Side>('agent', 'host'),
    tids: fc.uniqueArray(fc.integer({ min: 1, max: 6 })),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const joined = new JoinedThreads();
      const now: Record<Side, Map<number, number>> = { agent: new Map(), host: new Map() };
      const keyOf = new Map<number, number>();
      let nextKey = 1;
      for (const { side, tids } of steps) {
        const before = now[side];
        now[side] = new Map(tids.map((tid) => [tid, before.get(tid) ?? nextKey++]));
        joined.update(
          side,
          [...now[side]].map(([tid, key]) => thread(key, tid)),
        );
        const living = new Set([...now.agent.keys(), ...now.host.keys()]);
        expect(joined.all.map(({ tid }) => tid).toSorted((a, b) => a - b)).toEqual([...living].toSorted((a, b) => a - b)); // prettier-ignore
        for (const tid of keyOf.keys()) if (!living.has(tid)) keyOf.delete(tid);
        for (const { key, tid } of joined.all) {
          expect(keyOf.get(tid) ?? key).toBe(key);
          keyOf.set(tid, key);
          for (const each of ['agent', 'host'] as const) {
            expect(joined.sideKey(each, key)).toBe(now[each].get(tid));
            const sideKey = now[each].get(tid);
            expect(sideKey === undefined ? key : joined.keyOf(each, sideKey)).toBe(key);
          }
        }
      }
    }),
  );
});

it('remembers the last threads that have ended, and forgets those before', () => {
  const joined = new JoinedThreads();
  for (let key = 1; key <= 3000; key++) joined.update('host', [thread(key, 7)]);
  const [last] = joined.all;
  expect(joined.keyOf('host', 2999)).toBe((last?.key ?? 0) - 1);
  expect(joined.keyOf('host', 1)).toBeGreaterThan(last?.key ?? 0); // a number of its own, for nobody
});
