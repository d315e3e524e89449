import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Connection } from '@extension-events/session';
import type { StopFrame } from '@extension-events/protocol';
import { type Attached, attach, startTarget, type Target, until } from './support/target.ts';

/** Watches the stops of one connection. */
class Stops {
  readonly connection: Connection;
  readonly seen: StopFrame[] = [];

  constructor({ connection }: Attached) {
    this.connection = connection;
    connection.stops$.subscribe((stop) => this.seen.push(stop));
  }

  get held(): StopFrame[] {
    return this.seen.filter((stop) => stop.cause !== undefined);
  }

  async next(count: number): Promise<StopFrame> {
    await until(() => this.held.length >= count, `stop ${count}`);
    const stop = this.held[count - 1];
    if (stop === undefined) throw new Error('no stop');
    return stop;
  }

  continue(stop: StopFrame): Promise<unknown> {
    return this.connection.debug('continue', {}, stop.thread);
  }

  async local(stop: StopFrame, name: string): Promise<unknown> {
    const callFrameId = stop.frames?.[0]?.callFrameId;
    const { result } = (await this.connection.debug(
      'evaluate',
      { expression: name, callFrameId },
      stop.thread,
    )) as { result: { value: unknown } };
    return result.value;
  }
}

async function catching(
  target: Target,
  pattern: string,
  options: { where?: string; name?: string; ignore?: number; temporary?: boolean } = {},
): Promise<AsyncDisposable & { attached: Attached; stops: Stops }> {
  const { ignore, name = 'debugger', temporary, where } = options;
  const attached = await attach(target, { name, grants: ['stop', 'evaluate'] });
  const stops = new Stops(attached);
  const listening = attached.connection.open({
    pattern,
    ...(where === undefined ? {} : { where }),
    catch: {
      ...(ignore === undefined ? {} : { ignore }),
      ...(temporary === undefined ? {} : { temporary }),
    },
  });
  listening.items$.subscribe({ error: () => undefined });
  await listening.ready;
  return { attached, stops, [Symbol.asyncDispose]: () => attached[Symbol.asyncDispose]() };
}

it('stops at the first user statement after the post: 20 of 20 have a frame local equal to the payload', async () => {
  await using target = await startTarget('stopper.ts');
  await using debugging = await catching(target, 'app.tick');
  const { stops } = debugging;
  const functions = new Set<string>();
  for (let n = 1; n <= 20; n++) {
    const stop = await stops.next(n);
    expect(stop).toMatchObject({ landed: 'exact', cause: { type: 'event', event: 'app.tick' } });
    expect(stop.frames?.[0]).toMatchObject({ isUser: true });
    expect(stop.frames?.[0]?.url).toContain('stopper.ts');
    functions.add(stop.frames?.[0]?.functionName ?? '');
    const { payload } = stop.cause as unknown as { payload: { n: number } };
    expect(await stops.local(stop, 'local')).toBe(payload.n);
    await stops.continue(stop);
  }
  expect([...functions].toSorted()).toEqual([
    '',
    'inAsync',
    'inLoop',
    'last',
    'plain',
    'returned',
    'sell',
  ]);
});

it('stops a thread that spins in optimized code, and only on matching payloads', async () => {
  await using target = await startTarget('stopper.ts');
  await using debugging = await catching(target, 'app.tick', { where: 'n == 0' });
  const { stops } = debugging;
  target.tell('spin');
  await target.says('spinning');
  for (let n = 1; n <= 3; n++) {
    const stop = await stops.next(n);
    expect(stop.frames?.[0]).toMatchObject({ functionName: 'spin', isUser: true });
    await stops.continue(stop);
  }
});

it('counts down an ignore count, and a temporary catchpoint stops once', async () => {
  await using target = await startTarget('stopper.ts');
  await using debugging = await catching(target, 'app.tick', { ignore: 10, temporary: true });
  const { attached, stops } = debugging;
  const stop = await stops.next(1);
  expect((stop.cause as unknown as { payload: { n: number } }).payload.n).toBeGreaterThan(10);
  await stops.continue(stop);
  const listening = attached.connection.open({ pattern: 'app.tick' });
  let heard = 0;
  listening.items$.subscribe(() => heard++);
  await until(() => heard > 30, 'the thread to go on');
  expect(stops.held).toHaveLength(1);
});

it('stops a worker alone; main, other consumers and the session go on', async () => {
  await using target = await startTarget('stopper.ts');
  await using debugging = await catching(target, 'app.tick', { where: 'thread_id() > 0' });
  const { attached, stops } = debugging;
  await using other = await attach(target, { name: 'listener' });
  target.tell('worker');
  const stop = await stops.next(1);
  const thread = attached.connection.threads.find((info) => info.key === stop.thread);
  expect(thread).toMatchObject({ state: 'held' });
  expect(thread?.threadId).toBeGreaterThan(0);
  const listening = other.connection.open({ pattern: 'app.tick' });
  let heard = 0;
  listening.items$.subscribe(() => heard++);
  await until(() => heard > 20, 'events of the main thread');
  await attached.connection.debug('step', { type: 'over' }, stop.thread);
  const stepped = await stops.next(2);
  expect(stepped).toMatchObject({ thread: stop.thread, cause: { type: 'step' } });
  await stops.continue(stepped);
});

// Of a stop that one holds alone another is told too, but without frames.
const isShared = ({ frames, holders }: StopFrame): boolean => holders?.length === 1 && frames?.length !== 0; // prettier-ignore

it('a stop is held by each debugger that caught it, until the last continues', async () => {
  await using target = await startTarget('stopper.ts');
  const first = await catching(target, 'app.tick', { name: 'first', where: 'n % 7 == 0' });
  const second = await catching(target, 'app.*', { name: 'second', where: 'n % 7 == 0' });
  await using firstAttached = first.attached;
  await using secondAttached = second.attached;
  // The first may have caught some before the second came.
  first.attached.connection.stops$.subscribe((stop) => {
    if (stop.cause !== undefined && stop.holders?.length === 0) void first.stops.continue(stop);
  });
  for (const stop of first.stops.held) await first.stops.continue(stop);
  await until(() => second.stops.held.some(isShared), 'a shared stop');
  const shared = second.stops.held.findLast(isShared) as StopFrame;
  expect(shared.holders?.[0]).toContain('first');
  await firstAttached.connection.debug('evaluate', { expression: 'local', callFrameId: shared.frames?.[0]?.callFrameId }, shared.thread); // prettier-ignore
  await expect(secondAttached.connection.debug('step', { type: 'over' }, shared.thread)).rejects.toMatchObject({ code: 'EE_STOP_SHARED' }); // prettier-ignore
  const answer = await first.stops.continue(shared);
  expect(answer).toEqual({ stillHeldBy: [expect.stringContaining('second')] });
  const before = second.stops.seen.filter((stop) => stop.resumedBy !== undefined).length;
  expect(await second.stops.continue(shared)).toEqual({ stillHeldBy: [] });
  await until(
    () => second.stops.seen.filter((stop) => stop.resumedBy !== undefined).length > before,
    'the thread to run',
  );
});

it('enforces grants in the agent', async () => {
  await using target = await startTarget('stopper.ts');
  await using listener = await attach(target);
  const { connection } = listener;
  const key = connection.threads[0]?.key ?? 0;
  await expect(connection.debug('pause', {}, key)).rejects.toMatchObject({
    code: 'EE_GRANT_NEEDED',
  });
  const caught = connection.open({ pattern: 'app.tick', catch: {} });
  caught.items$.subscribe({ error: () => undefined });
  await expect(caught.ready).rejects.toMatchObject({ code: 'EE_GRANT_NEEDED' });
  await using stopper = await attach(target, { grants: ['stop'] });
  await expect(stopper.connection.debug('evaluate', { expression: '1' }, key)).rejects.toMatchObject({ code: 'EE_GRANT_NEEDED' }); // prettier-ignore
  await using evaluator = await attach(target, { grants: ['stop', 'evaluate'] });
  await expect(evaluator.connection.debug('evaluate', { expression: 'x = 5', sideEffects: true }, key)).rejects.toMatchObject({ code: 'EE_GRANT_NEEDED' }); // prettier-ignore
  const refused = (await evaluator.connection.debug(
    'evaluate',
    { expression: 'globalThis.x = 5' },
    key,
  )) as { exceptionDetails?: object };
  expect(refused.exceptionDetails).toBeDefined();
  await expect(evaluator.connection.debug('Runtime.evaluate' as never, {}, key)).rejects.toMatchObject({ code: 'EE_DEBUG_METHOD' }); // prettier-ignore
});

it('killing the debugger at any moment lets the program run', async () => {
  await using target = await startTarget('stopper.ts');
  await using watcher = await attach(target, { name: 'watcher' });
  let heard = 0;
  watcher.connection.open({ pattern: 'app.tick' }).items$.subscribe(() => heard++);
  const program = fileURLToPath(new URL('../fixtures/stories/catcher.ts', import.meta.url));
  for (let round = 0; round < 5; round++) {
    const child = spawn(process.execPath, ['--conditions=@extension-events/source', program, String(target.pid)], { stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until(() => said.includes('stop'), 'the debugger to stop the program');
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    const before = heard;
    await until(() => heard > before + 20, 'the program to go on');
  }
  expect(target.isRunning).toBe(true);
});

it('tells what a function has returned that is finished, to those who hold the thread', async () => {
  await using target = await startTarget('stopper.ts');
  await using debugging = await catching(target, 'app.tick', { temporary: true });
  await using other = await attach(target, { name: 'watcher', grants: ['stop'] });
  const watched = new Stops(other);
  const { attached, stops } = debugging;
  let stop = await stops.next(1);
  for (let n = 2; stop.frames?.[0]?.functionName !== 'plain'; n++) {
    await attached.connection.debug('set-breakpoint', { url: stop.frames?.at(-1)?.url, lineNumber: 12 }); // prettier-ignore
    await stops.continue(stop);
    stop = await stops.next(n);
  }
  const seen = stops.seen.length;
  const scopes = stop.frames?.[0]?.scopes ?? [];
  const { objectId } = scopes.find(({ type }) => type === 'local') ?? {};
  const answer = await attached.connection.debug('Runtime.getProperties', { objectId }, stop.thread); // prettier-ignore
  const local = (answer as { result: { name: string; value: { value: number } }[] }).result.find(({ name }) => name === 'local'); // prettier-ignore
  await attached.connection.debug('step', { type: 'out', callFrameId: stop.frames?.[0]?.callFrameId }, stop.thread); // prettier-ignore
  await until(() => stops.seen.slice(seen).some(({ cause }) => cause?.type === 'step'), 'the caller'); // prettier-ignore
  const stepped = stops.seen.slice(seen).find(({ cause }) => cause?.type === 'step');
  expect(stepped?.frames?.[0]?.functionName).toBe('round');
  expect(stepped?.cause).toEqual({ type: 'step', returned: expect.objectContaining({ type: 'number', value: (local?.value.value ?? 0) * 2 }) }); // prettier-ignore
  await until(() => watched.seen.some(({ cause }) => cause?.type === 'step'), 'the other to hear of it'); // prettier-ignore
  expect(watched.seen.find(({ cause }) => cause?.type === 'step')?.cause).toEqual({ type: 'step' });
  await stops.continue(stepped as StopFrame);
});

it('an interrupted loop can be stepped, also at its back edge', async () => {
  await using target = await startTarget('stopper.ts');
  await using attached = await attach(target, { grants: ['stop', 'evaluate'] });
  const stops = new Stops(attached);
  target.tell('spin');
  await target.says('spinning');
  const key = attached.connection.threads[0]?.key ?? 0;
  await attached.connection.debug('pause', {}, key);
  const stop = await stops.next(1);
  expect(stop).toMatchObject({ cause: { type: 'pause' } });
  expect(stop.frames?.[0]?.functionName).toBe('spin');
  for (let n = 2; n < 6; n++) {
    await attached.connection.debug('step', { type: 'over' }, key);
    const stepped = await stops.next(n);
    expect(stepped).toMatchObject({ cause: { type: 'step' } });
    expect(stepped.frames?.[0]?.functionName).toBe('spin');
  }
});

it('sends no message to the thread of the program, whatever is asked: an interrupt would find it there', async () => {
  await using target = await startTarget('stopper.ts');
  await using attached = await attach(target, { grants: ['stop', 'evaluate', 'write'] });
  const stops = new Stops(attached);
  const caught = attached.connection.open({ pattern: 'app.tick', catch: { temporary: true } });
  caught.items$.subscribe({ error: () => undefined });
  const stop = await stops.next(1);
  const evaluate = async (expression: string): Promise<unknown> => {
    const answer = await attached.connection.debug('evaluate', { expression, sideEffects: true }, stop.thread); // prettier-ignore
    return (answer as { result: { value?: unknown } }).result.value;
  };
  await evaluate(`globalThis.told = 0; globalThis[Symbol.for('extension-events.agent.v1')].on('message', () => told++); 0`); // prettier-ignore
  await stops.continue(stop);
  let heard = 0;
  attached.connection.open({ pattern: 'app.tick' }).items$.subscribe(() => heard++);
  await until(() => heard > 10, 'events');
  await evaluate('1 + 1');
  await until(() => heard > 20, 'more events');
  expect(await evaluate('told')).toBe(0);
});
