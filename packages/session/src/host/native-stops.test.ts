import { afterEach, expect, it } from 'vitest';
import type { StopFrame, Verdict } from '@extension-events/protocol';
import type { Connection } from '../connection.ts';
import type { TargetListening } from '../target-connection.ts';
import type { Decision, Holder } from './holder.ts';
import { type HostBed, openHostBed, until } from './testing/host-bed.ts';

let bed: HostBed;
afterEach(async () => {
  await bed[Symbol.asyncDispose]();
});

const debuggers = { grants: ['stop'] } as const;

async function catching(connection: Connection, options: object = {}): Promise<TargetListening> {
  const listening = connection.open({ pattern: 'fake.hit', catch: {}, ...options });
  await listening.ready;
  return listening;
}

const keyOf = (connection: Connection, tid: number): number =>
  connection.threads.find((thread) => thread.tid === tid)?.key ?? -1;

const verdict = async (connection: Connection, tid = 101): Promise<Verdict> =>
  (await connection.debug('verdict', {}, keyOf(connection, tid))) as Verdict;

it('a thread that stands for a catchpoint is to be shown, and its sources stay off until it goes on', async () => {
  bed = await openHostBed();
  const connection = await bed.connect(debuggers);
  const { id } = await catching(connection, { where: 'n == 13 && tid() == 101' });
  bed.linux.hit(101, 13, 5000);
  expect(await verdict(connection)).toEqual({
    caught: { listens: [id], event: 'fake.hit', payload: { n: 13, big: '13', name: 'n13' }, timestampNs: 5000 },
    isOurs: true,
  }); // prettier-ignore
  bed.linux.hit(101, 13); // nothing: it is off
  bed.linux.drain();
  expect(bed.linux.log).toEqual([]);
  await connection.debug('continue', {}, keyOf(connection, 101));
  expect(bed.linux.log).toEqual(['rearm 101']);
  expect(await verdict(connection)).toEqual({ caught: null, isOurs: false });
});

it('a thread that stands for a sample that did not match goes on, armed again', async () => {
  bed = await openHostBed();
  const connection = await bed.connect(debuggers);
  await catching(connection, { where: 'n == 13' });
  bed.linux.hit(101, 12);
  expect(await verdict(connection)).toEqual({ caught: null, isOurs: true });
  expect(bed.linux.log).toEqual(['rearm 101']);
  bed.linux.hit(101, 13);
  expect(await verdict(connection)).toMatchObject({ caught: { payload: { n: 13 } } });
});

it("the program's own SIGURG is none of ours", async () => {
  bed = await openHostBed();
  const connection = await bed.connect(debuggers);
  await catching(connection);
  expect(await verdict(connection)).toEqual({ caught: null, isOurs: false });
});

it('a catch belongs to the consumer whose catchpoint matched', async () => {
  bed = await openHostBed();
  const [one, two] = [await bed.connect(debuggers), await bed.connect(debuggers)];
  await catching(one, { where: 'n == 1' });
  await catching(two, { where: 'n == 2' });
  bed.linux.hit(101, 2);
  expect(await verdict(one)).toEqual({ caught: null, isOurs: true });
  bed.linux.hit(101, 2);
  expect(await verdict(two)).toMatchObject({ caught: { payload: { n: 2 } } });
});

it('a catch that nobody comes for is forgotten, and its source armed again', async () => {
  bed = await openHostBed();
  const connection = await bed.connect(debuggers);
  await catching(connection);
  bed.linux.hit(101, 1);
  bed.linux.drain();
  await until('it is armed again', () => bed.linux.log.includes('rearm 101'));
  expect(await verdict(connection)).toEqual({ caught: null, isOurs: false });
});

it('listens beside a catchpoint hear what they would hear without it', async () => {
  bed = await openHostBed();
  const connection = await bed.connect(debuggers);
  const listening = connection.open({ pattern: 'fake.hit' });
  await listening.ready;
  await catching(connection);
  for (let n = 0; n < 5; n++) bed.linux.hit(101, n);
  await listening.unlisten();
  expect(listening.summary).toEqual({ matched: 5, delivered: 5, lost: 0, throttled: 0 });
});

it('a temporary catchpoint stops once, and lets as many pass as it was told', async () => {
  bed = await openHostBed();
  const connection = await bed.connect(debuggers);
  await catching(connection, { catch: { temporary: true, ignore: 2 } });
  const seen: unknown[] = [];
  for (let n = 0; n < 5; n++) {
    bed.linux.hit(101, n);
    seen.push((await verdict(connection)).caught?.payload['n']);
    await connection.debug('continue', {}, keyOf(connection, 101));
  }
  expect(seen).toEqual([undefined, undefined, 2, undefined, undefined]);
  expect(bed.linux.open.size).toBe(0);
});

it('a debugger that vanishes leaves its threads armed for the others', async () => {
  bed = await openHostBed();
  const [one, two] = [await bed.connect(debuggers), await bed.connect(debuggers)];
  await catching(one);
  await catching(two, { where: 'n > 100' });
  bed.linux.hit(101, 1);
  expect(await verdict(one)).toMatchObject({ caught: { payload: { n: 1 } } });
  await one.close();
  await until('it is armed again', () => bed.linux.log.includes('rearm 101'));
  bed.linux.hit(101, 101);
  expect(await verdict(two)).toMatchObject({ caught: { payload: { n: 101 } } });
});

it('needs the grant stop', async () => {
  bed = await openHostBed();
  const connection = await bed.connect();
  await expect(verdict(connection)).rejects.toMatchObject({ code: 'EE_GRANT_NEEDED' });
});

/** A holder that remembers, and threads that get signals when the test says. */
class FakeHolder implements Holder {
  static busy: Set<number> = new Set();
  readonly watched: Set<number> = new Set();
  readonly held: Set<number> = new Set();
  readonly log: string[] = [];
  isDisposed = false;
  decide: (tid: number) => Decision = () => 'pass';

  watch(tid: number): boolean {
    if (FakeHolder.busy.has(tid)) return false;
    this.watched.add(tid);
    return true;
  }

  unwatch(tid: number): void {
    this.watched.delete(tid);
  }

  release(tid: number): void {
    if (this.held.delete(tid)) this.log.push(`release ${tid}`);
  }

  signal(tid: number): Decision {
    const decision = this.decide(tid);
    if (decision === 'hold') this.held.add(tid);
    return decision;
  }

  [Symbol.dispose](): void {
    this.isDisposed = true;
    this.watched.clear();
  }
}

async function openHolding(): Promise<{ holder: FakeHolder; connection: Connection; stops: StopFrame[] }> {
  const holder = new FakeHolder();
  bed = await openHostBed({
    createHolder: (decide) => {
      holder.decide = decide;
      holder.isDisposed = false;
      return holder;
    },
  });
  const connection = await bed.connect(debuggers);
  const stops: StopFrame[] = [];
  connection.stops$.subscribe((frame) => stops.push(frame));
  return { holder, connection, stops };
} // prettier-ignore

const scripted = (tid: number) => ({ key: 1, tid, threadId: 0, name: 'main', state: 'running' }) as const; // prettier-ignore

it('holds JavaScript threads while a catchpoint is for them, and no others', async () => {
  const { holder, connection } = await openHolding();
  await connection.tellScripted([scripted(100), scripted(102)]);
  expect([...holder.watched]).toEqual([]);
  const all = await catching(connection);
  expect([...holder.watched]).toEqual([100, 102]);
  const one = await catching(connection, { thread: 'tid:102' });
  await all.unlisten();
  expect([...holder.watched]).toEqual([102]);
  await connection.tellScripted([scripted(100)]);
  expect([...holder.watched]).toEqual([]);
  await one.unlisten();
  expect(holder.isDisposed).toBe(true);
});

it("never holds an agent's own thread", async () => {
  const { holder, connection } = await openHolding();
  await connection.tellScripted([scripted(100), { ...scripted(101), isAgent: true }]);
  await catching(connection);
  expect([...holder.watched]).toEqual([100]);
});

it('tells of a JavaScript thread that it holds, and lets it go when its agent was asked', async () => {
  const { holder, connection, stops } = await openHolding();
  await connection.tellScripted([scripted(100)]);
  const { id } = await catching(connection, { where: 'n == 13' });
  bed.linux.hit(100, 12);
  expect(holder.signal(100)).toBe('swallow');
  expect(holder.signal(100)).toBe('pass');
  bed.linux.hit(100, 13, 7000);
  expect(holder.signal(100)).toBe('hold');
  await until('the stop', () => stops.length === 1);
  const thread = keyOf(connection, 100);
  expect(stops[0]).toMatchObject({
    thread,
    cause: { type: 'event', listens: [id], event: 'fake.hit', payload: { n: 13 }, timestampNs: 7000 },
  }); // prettier-ignore
  await until('it is held', () => connection.threads.some(({ state }) => state === 'held'));
  await connection.debug('continue', { keepsQuiet: true }, thread);
  expect(holder.log).toEqual(['release 100']);
  expect(holder.signal(100)).toBe('swallow'); // it is on its way to its agent's pause
  await connection.debug('continue', {}, thread);
  expect(bed.linux.log).toEqual(['rearm 100', 'rearm 100']);
});

it('lets a thread go by itself when nobody does anything about it', async () => {
  const { holder, connection } = await openHolding();
  await connection.tellScripted([scripted(100)]);
  await catching(connection);
  bed.linux.hit(100, 1);
  expect(holder.signal(100)).toBe('hold');
  await until('the watchdog', () => holder.log.includes('release 100'));
});

it('lets a held thread go when its consumer vanishes', async () => {
  const { holder, connection } = await openHolding();
  await connection.tellScripted([scripted(100)]);
  await catching(connection);
  bed.linux.hit(100, 1);
  holder.signal(100);
  await connection.close();
  await until('it runs', () => holder.log.includes('release 100'));
  expect(holder.isDisposed).toBe(true);
});

it('leaves its threads to a debugger that attaches, and takes them back', async () => {
  const { holder, connection } = await openHolding();
  await connection.tellScripted([scripted(100)]);
  await catching(connection);
  await connection.debug('leave-to-debugger', { isLeft: true });
  expect([holder.isDisposed, holder.watched.size]).toEqual([true, 0]);
  await connection.debug('leave-to-debugger', { isLeft: false });
  expect([...holder.watched]).toEqual([100]);
  const other = await bed.connect(debuggers);
  await other.debug('leave-to-debugger', { isLeft: true });
  expect(holder.watched.size).toBe(0);
  await other.close(); // its debugger has gone with it
  await until('they are looked after again', () => holder.watched.has(100));
});

it('does without a thread that a debugger has', async () => {
  FakeHolder.busy.add(100);
  const { holder, connection } = await openHolding();
  await connection.tellScripted([scripted(100), scripted(101)]);
  await catching(connection);
  expect([...holder.watched]).toEqual([101]);
  FakeHolder.busy.clear();
});
