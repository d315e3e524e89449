import { BehaviorSubject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { ExtensionEventError } from '@extension-events/core';
import type { EventItem } from './items.ts';
import { OpenSessionListening, type SessionItem } from './session-listening.ts';
import type { TargetConnection } from './target-connection.ts';
import { FakeSide } from './testing/fake-side.ts';

const event = (pid: number, n: number): EventItem =>
  ({ kind: 'event', event: 'net.send', pid, tid: pid, threadId: 0, timestampNs: n, seq: n, payload: { n } }); // prettier-ignore

const thread = { key: 1, tid: 1, threadId: 0, name: 'main', state: 'running' } as const;

function open(sides: readonly FakeSide[], filter?: (target: TargetConnection) => boolean) {
  const targets$ = new BehaviorSubject<readonly TargetConnection[]>(sides.map((side) => side.connection)); // prettier-ignore
  const listening = new OpenSessionListening(targets$, { pattern: 'net.*' }, filter);
  const items: SessionItem[] = [];
  let isComplete = false;
  listening.items$.subscribe({
    next: (item) => items.push(item),
    complete: () => {
      isComplete = true;
    },
  });
  const connect = (side: FakeSide): void => targets$.next([...targets$.value, side.connection]);
  return { listening, items, connect, isComplete: () => isComplete };
}

function fake(pid: number): FakeSide {
  return Object.assign(new FakeSide('agent', [thread], ['net.send']), { pid });
}

describe('a listen over a session', () => {
  it('hears the processes that are connected, and those that come later', async () => {
    const [one, two] = [fake(1), fake(2)];
    const { connect, items, listening } = open([one]);
    await listening.ready;
    one.parts[0]?.items$.next(event(1, 1));
    connect(two);
    two.parts[0]?.items$.next(event(2, 1));
    expect(items.map((item) => item.pid)).toEqual([1, 2]);
    expect(one.parts).toHaveLength(1);
    expect(two.parts[0]?.options).toEqual({ pattern: 'net.*' });
  });

  it('names the process of a loss', async () => {
    const one = fake(7);
    const { items } = open([one]);
    one.parts[0]?.items$.next({ kind: 'loss', tid: 7, threadId: 0, reason: 'ring-full', count: 3 });
    expect(items).toEqual([expect.objectContaining({ kind: 'loss', pid: 7, count: 3 })]);
  });

  it('goes on where one process refuses, and tells why', async () => {
    const [refusing, good] = [fake(1), fake(2)];
    refusing.refusal = new ExtensionEventError('EE_WHERE', 'no', 'hint');
    const { isComplete, items, listening } = open([refusing, good]);
    await listening.ready;
    good.parts[0]?.items$.next(event(2, 1));
    expect(listening.parts.map(({ error, pid, state }) => [pid, state, error?.code])).toEqual([
      [1, 'refused', 'EE_WHERE'],
      [2, 'listening', undefined],
    ]);
    expect(items).toHaveLength(1);
    expect(isComplete()).toBe(false);
  });

  it('keeps the account of processes that have ended, and ends with those that live', async () => {
    const [one, two] = [fake(1), fake(2)];
    const { isComplete, listening } = open([one, two]);
    await listening.ready;
    const [ended, living] = [one.parts[0], two.parts[0]];
    if (ended === undefined || living === undefined) throw new Error('not opened');
    ended.summary = { matched: 5, delivered: 4, lost: 1, throttled: 0 };
    ended.items$.complete();
    living.summary = { matched: 2, delivered: 2, lost: 0, throttled: 0 };
    expect(listening.parts.map(({ state }) => state)).toEqual(['ended', 'listening']);
    const expected = { matched: 7, delivered: 6, lost: 1, throttled: 0 };
    expect(listening.summary).toEqual(expected);
    expect(await listening.unlisten()).toEqual(expected);
    expect(living.isEnded).toBe(true);
    expect(isComplete()).toBe(true);
  });

  it('listens only where it is told to', () => {
    const [one, two] = [fake(1), fake(2)];
    open([one, two], ({ pid }) => pid === 2);
    expect([one.parts.length, two.parts.length]).toEqual([0, 1]);
  });

  it('does not grow with the processes that have ended', async () => {
    const { connect, listening } = open([]);
    for (let pid = 1; pid <= 600; pid++) {
      const side = fake(pid);
      connect(side);
      const [part] = side.parts;
      if (part === undefined) throw new Error('not opened');
      part.summary = { matched: 1, delivered: 1, lost: 0, throttled: 0 };
      part.items$.complete();
    }
    expect(listening.parts.length).toBeLessThanOrEqual(256);
    expect(listening.summary.matched).toBe(600);
  });
});
