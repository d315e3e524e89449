/** Catches of types that follow from something else: threads stop at the cause. */
import { afterEach, expect, it } from 'vitest';
import { type EventCause, getRegistry } from '@extension-events/core';
import type { ArmFrame, Verdict } from '@extension-events/protocol';
import type { Connection } from '../connection.ts';
import type { TargetListening } from '../target-connection.ts';
import { collect, type HostBed, openHostBed, until } from './testing/host-bed.ts';

let bed: HostBed;
const registered = new Set<Disposable>();
afterEach(async () => {
  for (const type of registered) type[Symbol.dispose]();
  registered.clear();
  await bed[Symbol.asyncDispose]();
});

const thirteen: EventCause = { event: 'fake.hit', where: 'n == 13', fields: { len: 'n' } };

function register(
  cause: EventCause = thirteen,
  name = 'lucky13',
): Disposable & { post(len: number): void } {
  // prettier-ignore
  const type = getRegistry().registerEventType({ name, description: '', fields: { len: { type: 'u32' } }, cause }); // prettier-ignore
  registered.add(type);
  return {
    post: (len) => type.post({ len }),
    [Symbol.dispose]: () => registered.delete(type) && type.unregister(),
  };
}

async function setUp(): Promise<Connection> {
  bed = await openHostBed();
  return await bed.connect({ grants: ['stop'] });
}

async function catching(connection: Connection, options: object = {}): Promise<TargetListening> {
  const listening = connection.open({ pattern: 'lucky13', catch: {}, ...options });
  await listening.ready;
  return listening;
}

const keyOf = (connection: Connection, tid: number): number =>
  connection.threads.find((thread) => thread.tid === tid)?.key ?? -1;
const verdict = async (connection: Connection, tid = 101): Promise<Verdict> =>
  (await connection.debug('verdict', {}, keyOf(connection, tid))) as Verdict;
const goOn = (connection: Connection, tid = 101): Promise<unknown> =>
  connection.debug('continue', {}, keyOf(connection, tid));

it('stop the thread at the cause, and tell it as the event that follows', async () => {
  const connection = await setUp();
  register();
  const { id } = await catching(connection);
  expect([...bed.linux.open].map(({ request }) => request.signalsThread)).toEqual([true]);
  bed.linux.hit(101, 12);
  expect(await verdict(connection)).toEqual({ caught: null, isOurs: true });
  bed.linux.hit(101, 13, 77);
  expect(await verdict(connection)).toEqual({
    caught: { listens: [id], event: 'lucky13', payload: { len: 13 }, timestampNs: 77 },
    isOurs: true,
  });
  await goOn(connection);
  bed.linux.hit(101, 13);
  expect(await verdict(connection)).toMatchObject({ caught: { event: 'lucky13' } });
});

it("keep the catch's own condition, its thread, its ignore count, and stop once when temporary", async () => {
  const connection = await setUp();
  register({ ...thirteen, where: 'n > 10' });
  await catching(connection, { where: 'len > 12', thread: 'tid:101', catch: { ignore: 1, temporary: true } }); // prettier-ignore
  expect([...bed.linux.open].map(({ request }) => request.tid)).toEqual([101]);
  const seen: unknown[] = [];
  for (const n of [13, 9, 12, 14, 15]) {
    bed.linux.hit(101, n);
    const { caught } = await verdict(connection);
    seen.push(caught?.payload['len']);
    if (caught !== null) await goOn(connection);
  }
  expect(seen).toEqual([undefined, undefined, undefined, 14, undefined]);
  await until('it is gone', () => bed.linux.open.size === 0);
});

it('do not stop for posts of the type itself, which come from beside the thread', async () => {
  const connection = await setUp();
  const type = register();
  const heard = connection.open({ pattern: 'lucky13' });
  const { numbers, events } = collect(heard);
  await heard.ready;
  await catching(connection);
  type.post(13);
  await until('it is heard', () => events.length > 0);
  expect(numbers()).toHaveLength(1);
  expect(await verdict(connection, 100)).toEqual({ caught: null, isOurs: false });
});

it('wait for a name, follow it to another cause, and end with it', async () => {
  const connection = await setUp();
  const arms: ArmFrame[] = [];
  connection.arms$.subscribe((frame) => arms.push(frame));
  const { id } = await catching(connection);
  expect(bed.linux.open.size).toBe(0);
  const first = register();
  await until('it is armed', () => arms.some(({ event, state }) => event === 'lucky13' && state === 'armed')); // prettier-ignore
  bed.linux.hit(101, 13);
  expect(await verdict(connection)).toMatchObject({ caught: { listens: [id], event: 'lucky13' } });
  await goOn(connection);
  first[Symbol.dispose]();
  expect(bed.linux.open.size).toBe(0);
  register({ ...thirteen, where: 'n == 14', fields: {} });
  await until('it is armed again', () => bed.linux.open.size === 1);
  bed.linux.hit(101, 13);
  expect(await verdict(connection)).toEqual({ caught: null, isOurs: true });
  bed.linux.hit(101, 14);
  expect(await verdict(connection)).toMatchObject({ caught: { event: 'lucky13', payload: {} } });
});

it('provide a name of a scheme, and pass its parameters on', async () => {
  const connection = await setUp();
  register({ event: 'fake:there', request: { every: 2 }, fields: { len: 'n' } });
  await catching(connection);
  bed.linux.hit(101, 1);
  expect(await verdict(connection)).toEqual({ caught: null, isOurs: true });
  bed.linux.hit(101, 2);
  expect(await verdict(connection)).toMatchObject({ caught: { payload: { len: 2 } } });
});

it.each([
  [{ event: 'fake:missing' }, {}, 'EE_FAKE_UNKNOWN'],
  [{ event: 'fake.hit', where: 'nosuch == 1' }, {}, 'EE_EXPR_FIELD'],
  [{ event: 'fake.hit', request: { every: 0 } }, {}, 'EE_REQUEST'],
  [thirteen, { where: 'n == 13' }, 'EE_EXPR_FIELD'],
])('with %j and %j are refused with %s', async (cause, options, code) => {
  const connection = await setUp();
  register(cause);
  await expect(catching(connection, options)).rejects.toMatchObject({ code });
  expect(bed.linux.open.size).toBe(0);
});

it('tell why a type that came later cannot be caught', async () => {
  const connection = await setUp();
  const arms: ArmFrame[] = [];
  connection.arms$.subscribe((frame) => arms.push(frame));
  await catching(connection);
  register({ event: 'fake:missing' });
  await until('it is told', () => arms.length > 0);
  expect(arms).toMatchObject([{ event: 'lucky13', state: 'failed', error: { code: 'EE_FAKE_UNKNOWN' } }]); // prettier-ignore
});

it('of a pattern follow each type that matches', async () => {
  const connection = await setUp();
  register();
  const { id } = await catching(connection, { pattern: 'lucky*' });
  register({ ...thirteen, where: 'n == 14' }, 'lucky14');
  await until('both are armed', () => bed.linux.open.size === 1 && getRegistry().tryGetEventType('fake.hit')?.hasListeners); // prettier-ignore
  for (const [n, event] of [[13, 'lucky13'], [14, 'lucky14']] as const) {
    bed.linux.hit(101, n);
    expect(await verdict(connection)).toMatchObject({ caught: { listens: [id], event } });
    await goOn(connection);
  } // prettier-ignore
});

it('make one stop with catches of the cause: all of them have caught', async () => {
  const connection = await setUp();
  register();
  const [followed, plain] = [await catching(connection), await catching(connection, { pattern: 'fake.hit', where: 'n > 12' })]; // prettier-ignore
  bed.linux.hit(101, 13);
  expect(await verdict(connection)).toMatchObject({
    caught: { listens: [followed.id, plain.id], event: 'lucky13', payload: { len: 13 } },
  });
  await goOn(connection);
  bed.linux.hit(101, 14);
  expect(await verdict(connection)).toMatchObject({ caught: { listens: [plain.id], event: 'fake.hit' } }); // prettier-ignore
});
