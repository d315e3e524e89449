import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { ExtensionEventError } from '@extension-events/core';
import { collect, type HostBed, openHostBed, until } from './testing/host-bed.ts';

let bed: HostBed;
afterEach(async () => {
  await bed[Symbol.asyncDispose]();
});

const coded = (code: string): unknown => expect.objectContaining({ code });

it('says hello as a host, with the threads of the process, and nothing more', async () => {
  bed = await openHostBed();
  expect(statSync(bed.socketPath).mode & 0o777).toBe(0o600);
  const connection = await bed.connect();
  expect(connection.hello).toMatchObject({
    role: 'host',
    pid: 100,
    name: 'prog',
    runtime: 'native',
    consumers: 1,
  });
  expect(connection.sides).toEqual({ agent: false, host: true });
  expect(connection.threads).toMatchObject(
    [100, 101, 102].map((tid) => ({ tid, threadId: -1, name: `thread-${tid}`, runs: 'native' })),
  );
  bed.linux.died(102);
  bed.linux.born(103);
  await until('the new thread', () => connection.threads.some(({ tid }) => tid === 103));
  expect(connection.threads.map(({ tid }) => tid)).toEqual([100, 101, 103]);
  const keys = connection.threads.map(({ key }) => key);
  bed.linux.died(103);
  bed.linux.born(103); // the number is used again: another thread
  await until('another thread', () => connection.threads.some(({ key }) => !keys.includes(key)));
});

it('carries events about each thread, with exact accounts, to each consumer what it asked for', async () => {
  bed = await openHostBed();
  const [one, two] = [await bed.connect(), await bed.connect()];
  const all = one.open({ pattern: 'fake.hit' });
  const third = two.open({ pattern: 'fake.hit', request: { every: 3 }, where: 'n > 2' });
  const single = two.open({ pattern: 'fake.hit', thread: 'tid:101' });
  const heard = [all, third, single].map((listening) => collect(listening));
  await Promise.all([all.ready, third.ready, single.ready]);
  expect(bed.linux.open.size).toBe(3);
  for (let n = 0; n < 7; n++) bed.linux.hit(n % 2 === 0 ? 100 : 101, n, 1000 + n);
  await Promise.all([all.unlisten(), third.unlisten(), single.unlisten()]);
  expect(heard.map(({ numbers }) => numbers())).toEqual([[0, 1, 2, 3, 4, 5, 6], [5], [1, 3, 5]]);
  expect(heard[0]?.events[3]).toMatchObject({
    event: 'fake.hit',
    pid: 100,
    tid: 101,
    threadId: -1,
    timestampNs: 1003,
    seq: 4,
    payload: { n: 3, big: 3n, name: 'n3' },
  });
  expect([all, third, single].map(({ summary }) => summary)).toMatchObject([
    { matched: 7, delivered: 7, lost: 0 },
    { matched: 1, delivered: 1, lost: 0 },
    { matched: 3, delivered: 3, lost: 0 },
  ]);
  expect(bed.linux.open.size).toBe(0);
});

it('counts what the kernel lost at its place, for those who heard it', async () => {
  bed = await openHostBed();
  const connection = await bed.connect();
  const listening = connection.open({ pattern: 'fake.hit' });
  const heard = collect(listening);
  await listening.ready;
  bed.linux.hit(100, 1);
  bed.linux.lose(1_000_000);
  bed.linux.hit(100, 2);
  await listening.unlisten();
  expect(heard.numbers()).toEqual([1, 2]);
  expect(heard.losses).toMatchObject([{ reason: 'ring-full', count: 1_000_000 }]);
  expect(listening.summary).toEqual({ matched: 1_000_002, delivered: 2, lost: 1_000_000, throttled: 0 }); // prettier-ignore
});

it('keeps the account of a burst that is larger than its ring', async () => {
  bed = await openHostBed({ ringBytes: 65_536 });
  const connection = await bed.connect();
  const listening = connection.open({ pattern: 'fake.hit' });
  const heard = collect(listening);
  await listening.ready;
  for (let n = 0; n < 50_000; n++) bed.linux.hit(100, n);
  bed.linux.drain();
  await listening.unlisten();
  const { matched, delivered, lost } = listening.summary;
  expect(matched).toBe(50_000);
  expect(delivered + lost).toBe(50_000);
  expect(heard.events).toHaveLength(delivered);
  expect(lost).toBe(0); // the ring is emptied meanwhile
});

it('answers a listen when its source is armed, or has refused', async () => {
  bed = await openHostBed();
  const connection = await bed.connect();
  bed.linux.refusal = new ExtensionEventError('EE_PERF_NO_SLOT', 'All four are taken.', 'Wait.');
  const refused = connection.open({ pattern: 'fake.hit' });
  await expect(refused.ready).rejects.toMatchObject(coded('EE_PERF_NO_SLOT') as object);
  bed.linux.refusal = undefined;
  const cases: [object, string][] = [
    [{ where: 'nosuch == 1' }, 'EE_EXPR_FIELD'],
    [{ request: { every: 0 } }, 'EE_REQUEST'],
    [{ thread: 'tid:999' }, 'EE_THREAD_UNKNOWN'],
    [{ thread: '7' }, 'EE_THREAD_UNKNOWN'],
    [{ catch: {} }, 'EE_GRANT_NEEDED'],
    [{ pattern: 'fake:missing' }, 'EE_FAKE_UNKNOWN'],
  ];
  for (const [options, code] of cases) {
    const listening = connection.open({ pattern: 'fake.hit', ...options });
    await expect(listening.ready).rejects.toMatchObject({ code });
  }
  expect(bed.linux.open.size).toBe(0);
  await expect(connection.debug('step', {}, 2)).rejects.toMatchObject(coded('EE_GRANT_NEEDED') as object); // prettier-ignore
});

it('provides names of a scheme when they are asked for', async () => {
  bed = await openHostBed();
  const connection = await bed.connect();
  const listening = connection.open({ pattern: 'fake:it:there', thread: '0' });
  const heard = collect(listening);
  await listening.ready;
  bed.linux.hit(101, 1);
  bed.linux.hit(100, 2);
  await listening.unlisten();
  expect(heard.numbers()).toEqual([2]);
  expect(connection.eventTypes.map(({ descriptor }) => descriptor.name)).toContain('fake:it:there');
});

it('waits with a listen for a name that nobody has registered yet', async () => {
  bed = await openHostBed();
  const connection = await bed.connect();
  const listening = connection.open({ pattern: 'later.on' });
  await expect(listening.ready).resolves.toEqual({ threads: [2, 3, 4], pending: [] });
  expect(await listening.unlisten()).toEqual([]);
});

it('says when there are no slots left, and reuses those that were freed', async () => {
  bed = await openHostBed();
  const connection = await bed.connect();
  const listenings = Array.from({ length: 32 }, () => connection.open({ pattern: 'fake.hit' }));
  await Promise.all(listenings.map(({ ready }) => ready));
  const more = connection.open({ pattern: 'fake.hit' });
  await expect(more.ready).rejects.toMatchObject(coded('EE_LISTEN_SLOTS') as object);
  await listenings[5]?.unlisten();
  await expect(connection.open({ pattern: 'fake.hit' }).ready).resolves.toBeDefined();
  // All have the same request: one source for all of them.
  expect(bed.linux.open.size).toBe(1);
});

it('disarms everything that a consumer asked for when it vanishes, and leaves the others alone', async () => {
  bed = await openHostBed();
  const [one, two] = [await bed.connect(), await bed.connect()];
  const mine = one.open({ pattern: 'fake.hit', request: { every: 2 } });
  const theirs = two.open({ pattern: 'fake.hit' });
  await Promise.all([mine.ready, theirs.ready]);
  expect(bed.linux.open.size).toBe(2);
  await one.close();
  await until('its source is off', () => bed.linux.open.size === 1);
  const heard = collect(theirs);
  bed.linux.hit(100, 1);
  await theirs.unlisten();
  expect(heard.numbers()).toEqual([1]);
});

it('is left with nothing by a consumer that vanishes while its listen is armed', async () => {
  bed = await openHostBed();
  for (let round = 0; round < 20; round++) {
    const [stays, goes] = [await bed.connect(), await bed.connect()];
    void goes.open({ pattern: 'fake.hit' }).ready.catch(() => undefined);
    await Promise.all([goes.close(), stays.refreshEventTypes()]);
    await until('nothing is armed', () => bed.linux.open.size === 0);
    await bed.connect();
    await stays.close();
  }
  expect(existsSync(bed.socketPath)).toBe(true);
});

it('ends by itself when the last consumer has left, and takes its socket away', async () => {
  bed = await openHostBed();
  const connection = await bed.connect();
  await connection.open({ pattern: 'fake.hit' }).ready;
  await connection.close();
  await bed.host.ended;
  expect(existsSync(bed.socketPath)).toBe(false);
  expect(bed.linux.open.size).toBe(0);
});

it('ends by itself when nobody comes', async () => {
  bed = await openHostBed({ startMs: 20 });
  await bed.host.ended;
  expect(existsSync(bed.socketPath)).toBe(false);
});

it('tells what is left in the rings, then says goodbye, when the process ends', async () => {
  bed = await openHostBed();
  const connection = await bed.connect();
  const listening = connection.open({ pattern: 'fake.hit' });
  const heard = collect(listening);
  await listening.ready;
  for (let n = 0; n < 13; n++) bed.linux.hit(100, n);
  await bed.host.targetEnded();
  const end = await connection.ended;
  expect(end).toMatchObject({ reason: 'bye', bye: { reason: 'exit' } });
  expect(heard.events).toHaveLength(13);
  expect(listening.summary).toEqual({ matched: 13, delivered: 13, lost: 0, throttled: 0 });
});

it('writes who attached and what was caught into the audit log', async () => {
  bed = await openHostBed();
  const connection = await bed.connect({ name: 'tester', grants: ['stop'] });
  await connection.open({ pattern: 'fake.hit', catch: {}, where: 'n == 1' }).ready;
  await connection.close();
  await bed.host.ended;
  const lines = readFileSync(join(bed.directory, 'audit.log'), 'utf8').trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { host: 100, event: 'attach', consumer: `tester (pid ${process.pid})`, grants: ['stop'] },
    { event: 'catch', pattern: 'fake.hit', where: 'n == 1' },
    { event: 'detach' },
  ]);
});

it('keeps every account exact, whoever listens, hits, loses and leaves in what order', async () => {
  const step = fc.oneof(
    fc.record({ hit: fc.nat(300), tid: fc.constantFrom(100, 101, 102) }),
    fc.record({ lose: fc.integer({ min: 1, max: 1000 }) }),
    fc.record({ listen: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ unlisten: fc.nat() }),
    fc.record({ drain: fc.constant(true) }),
  );
  bed = await openHostBed({ ringBytes: 65_536 });
  const connection = await bed.connect();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const open: { expected: number; passed: number; every: number; heard: ReturnType<typeof collect>; listening: ReturnType<typeof connection.open> }[] = []; // prettier-ignore
      const end = async (index: number): Promise<void> => {
        const [one] = open.splice(index, 1);
        if (one === undefined) return;
        await one.listening.unlisten();
        const { matched, delivered, lost, throttled } = one.listening.summary;
        expect({ matched, throttled }).toEqual({ matched: one.expected, throttled: 0 });
        expect(delivered + lost).toBe(matched);
        expect(one.heard.events).toHaveLength(delivered);
      };
      for (const what of steps) {
        if ('hit' in what) {
          for (let n = 0; n < what.hit; n++) bed.linux.hit(what.tid, n);
          // Listens with the same request share a source, and its count.
          for (const one of open) one.passed += what.hit;
        } else if ('lose' in what) {
          bed.linux.lose(what.lose);
          for (const one of open) one.expected += what.lose;
        } else if ('listen' in what) {
          if (open.some(({ every }) => every === what.listen)) continue;
          bed.linux.drain();
          const listening = connection.open({ pattern: 'fake.hit', request: { every: what.listen } }); // prettier-ignore
          const heard = collect(listening);
          await listening.ready;
          open.push({ expected: 0, passed: 0, every: what.listen, heard, listening });
        } else if ('unlisten' in what && open.length > 0) {
          const index = what.unlisten % open.length;
          const one = open[index];
          if (one !== undefined) one.expected += Math.floor(one.passed / one.every);
          await end(index);
        } else bed.linux.drain();
      }
      for (const one of open) one.expected += Math.floor(one.passed / one.every);
      while (open.length > 0) await end(0);
      expect(bed.linux.open.size).toBe(0);
    }),
    { numRuns: 30 },
  );
});
