import { expect, it } from 'vitest';
import { getRegistry, registerEventType } from '@extension-events/core';
import { createRingBuffer, RingReader } from '@extension-events/core/ring';
import type { Frame } from '../frames.ts';
import type { Consumer } from './consumer.ts';
import type { RoutedListen } from './listen-book.ts';
import { Pump } from './pump.ts';
import { RecordedThread } from './recorded-thread.ts';

const tick = registerEventType({
  name: 'pump.tick',
  description: 'a tick',
  fields: { n: { type: 'u32' } },
});

/** A consumer that remembers what it got. */
function fakeConsumer(isBehind = false): {
  consumer: Consumer;
  frames: Frame[];
  losses: unknown[];
} {
  const frames: Frame[] = [];
  const losses: unknown[] = [];
  const defined = new Set<number>();
  const consumer = {
    isBehind,
    send: (frame: Frame) => frames.push(frame),
    lose: (...loss: unknown[]) => losses.push(loss),
    tellLosses: () => undefined,
    needsDefinition: (thread: number, index: number) =>
      !defined.has(index) && defined.add(index) !== undefined && thread > 0,
    forgetDefinition: (_thread: number, index: number) => defined.delete(index),
  };
  return { consumer: consumer as unknown as Consumer, frames, losses };
}

function listenOf(consumer: Consumer, number: number, slot: number): RoutedListen {
  return { consumer, number, spec: { id: number, slot } };
}

function setUp(ringBytes = 65_536): RecordedThread {
  const registry = getRegistry();
  registry.setRing(createRingBuffer(ringBytes));
  const thread = new RecordedThread(7);
  thread.reader = new RingReader(registry.ring as SharedArrayBuffer);
  return thread;
}

it('sends each consumer the runs of records that it asked for, after their definition', () => {
  const thread = setUp();
  const [all, odd] = [fakeConsumer(), fakeConsumer()];
  const listens = [listenOf(all.consumer, 1, 0), listenOf(odd.consumer, 2, 1)];
  const pump = new Pump({ atSlot: (slot) => listens[slot] }, () => [all.consumer, odd.consumer]);
  const registry = getRegistry();
  const taps = [
    registry.tap({ mode: 'record', pattern: 'pump.tick', slot: 0 }),
    registry.tap({
      mode: 'record',
      pattern: 'pump.tick',
      slot: 1,
      where: () => (payload) => Number(payload['n']) % 2 === 1,
    }),
  ];
  for (let n = 0; n < 4; n++) tick.post({ n });
  pump.drain(thread);
  expect(all.frames.map((frame) => frame.kind)).toEqual([
    'types',
    'records',
    'records',
    'records',
    'records',
  ]);
  expect(odd.frames.map((frame) => frame.kind)).toEqual(['types', 'records', 'records']);
  expect(thread.account(1, 0)).toEqual({ thread: 7, matched: 4, lost: 0, throttled: 0 });
  expect(thread.account(2, 1)).toEqual({ thread: 7, matched: 2, lost: 0, throttled: 0 });
  for (const tap of taps) registry.untap(tap);
});

it('drops records of a consumer that does not keep up, and counts each', () => {
  const thread = setUp();
  const slow = fakeConsumer(true);
  const listens = [listenOf(slow.consumer, 5, 0)];
  const pump = new Pump({ atSlot: (slot) => listens[slot] }, () => [slow.consumer]);
  const registry = getRegistry();
  const tap = registry.tap({ mode: 'record', pattern: 'pump.tick', slot: 0 });
  for (let n = 0; n < 5; n++) tick.post({ n });
  pump.drain(thread);
  expect(slow.frames).toEqual([]);
  expect(slow.losses).toEqual([[5, 7, 'queue-full', 5]]);
  expect(thread.account(5, 0)).toEqual({ thread: 7, matched: 5, lost: 5, throttled: 0 });
  registry.untap(tap);
});

it('knows which losses the ring had no room to tell', () => {
  const thread = setUp(4096);
  const one = fakeConsumer();
  const listens = [listenOf(one.consumer, 1, 0)];
  const pump = new Pump({ atSlot: (slot) => listens[slot] }, () => [one.consumer]);
  const registry = getRegistry();
  const tap = registry.tap({ mode: 'record', pattern: 'pump.tick', slot: 0 });
  for (let n = 0; n < 500; n++) tick.post({ n });
  pump.drain(thread);
  const lost = thread.account(1, 0).lost;
  expect(lost).toBeGreaterThan(300);
  expect(thread.untoldLosses(1, 0)).toBe(lost);
  tick.post({ n: 0 }); // there is room now: the loss is told before this one
  pump.drain(thread);
  expect(one.losses).toEqual([[1, 7, 'ring-full', lost]]);
  expect(thread.untoldLosses(1, 0)).toBe(0);
  registry.untap(tap);
});

it('sends what one consumer asked for by several listens together, and counts it for each when dropped', () => {
  const thread = setUp();
  for (const isBehind of [false, true]) {
    const one = fakeConsumer(isBehind);
    const listens = [listenOf(one.consumer, 1, 0), listenOf(one.consumer, 2, 1)];
    const pump = new Pump({ atSlot: (slot) => listens[slot] }, () => [one.consumer]);
    const registry = getRegistry();
    const taps = [0, 1].map((slot) =>
      registry.tap({
        mode: 'record',
        pattern: 'pump.tick',
        slot,
        where: () => (payload) => Number(payload['n']) % (2 + slot) === 0,
      }),
    );
    for (let n = 0; n < 12; n++) tick.post({ n });
    pump.drain(thread);
    expect(one.frames.map((frame) => frame.kind)).toEqual(isBehind ? [] : ['types', 'records']);
    const lost = (listen: number): number =>
      one.losses.reduce<number>((sum, loss) => sum + ((loss as number[])[0] === listen ? Number((loss as number[])[3]) : 0), 0); // prettier-ignore
    expect([lost(1), lost(2)]).toEqual(isBehind ? [6, 4] : [0, 0]);
    for (const tap of taps) registry.untap(tap);
  }
});
