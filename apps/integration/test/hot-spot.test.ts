import { expect, it } from 'vitest';
import type { EventItem } from '@extension-events/session';
import type { StopFrame } from '@extension-events/protocol';
import { type Attached, attach, startTarget, type Target, until } from './support/target.ts';

const injectUrl = new URL('../../../packages/producer-hot-spot/dist/inject.mjs', import.meta.url)
  .href;

async function attachWithDetector(
  target: Target,
  grants: readonly ('stop' | 'evaluate')[] = [],
): Promise<Attached> {
  const attached = await attach(target, { grants });
  await attached.connection.loadProducer({ id: 'hot-spot', injectUrl });
  return attached;
}

it('tells every consumer of the hot function, and stops profiling with the last listener', async () => {
  await using target = await startTarget('busy.ts');
  await using attached = await attachWithDetector(target);
  const heard: EventItem[] = [];
  const listening = attached.connection.open({ pattern: 'hot-spot' });
  listening.items$.subscribe((item) => void (item.kind === 'event' && heard.push(item)));
  await listening.ready;
  await until(() => heard.length > 0, 'a hot spot');
  expect(heard[0]).toMatchObject({ event: 'hot-spot', pid: target.pid, tid: target.pid, threadId: 0, payload: { source: 'v8', function: 'burn' } }); // prettier-ignore
  expect(heard[0]?.payload['url']).toContain('busy.ts');
  await listening.unlisten();
  const types = await attached.connection.refreshEventTypes();
  expect(types.find((type) => type.descriptor.name === 'hot-spot')?.listeners).toBe(0);
});

it('stops in the hot function: at least 18 of 20, also with a second busy thread; the rest are labelled', async () => {
  await using target = await startTarget('busy.ts', ['two']);
  await using attached = await attachWithDetector(target, ['stop', 'evaluate']);
  const held: StopFrame[] = [];
  attached.connection.stops$.subscribe(
    (stop) => void (stop.cause !== undefined && held.push(stop)),
  );
  const caught = attached.connection.open({
    pattern: 'hot-spot',
    request: { windowMs: 500, cooldownMs: 0 },
    catch: {},
  });
  caught.items$.subscribe({ error: () => undefined });
  await caught.ready;
  let inFunction = 0;
  for (let n = 1; n <= 20; n++) {
    await until(() => held.length >= n, `stop ${n}`);
    const stop = held[n - 1] as StopFrame;
    const wanted = (stop.cause as unknown as { payload: { function: string } }).payload.function;
    expect(['burn', 'digest']).toContain(wanted);
    const isThere = stop.frames?.[0]?.functionName === wanted;
    if (isThere) inFunction++;
    // Where it is not, it is said.
    expect(isThere ? ['exact', 'function'] : ['elsewhere']).toContain(stop.landed);
    await attached.connection.debug('continue', {}, stop.thread);
  }
  expect(inFunction).toBeGreaterThanOrEqual(18);
  await caught.unlisten();
  for (const thread of attached.connection.threads)
    await attached.connection.debug('continue', {}, thread.key);
  const before = target.stdout.length;
  await until(() => target.stdout.length > before, 'the program to go on');
}, 180_000);

it('posts nothing for an idle process', async () => {
  await using target = await startTarget('busy.ts', ['idle']);
  await using attached = await attachWithDetector(target);
  let heard = 0;
  const listening = attached.connection.open({ pattern: 'hot-spot', request: { windowMs: 500 } });
  listening.items$.subscribe(() => heard++);
  await listening.ready;
  await new Promise((resolve) => setTimeout(resolve, 3000));
  expect(heard).toBe(0);
});

it('counts no samples of a thread that a debugger holds or steps', async () => {
  await using target = await startTarget('stopper.ts');
  await using attached = await attachWithDetector(target, ['stop', 'evaluate']);
  const heard: EventItem[] = [];
  // A busy burst would do: the held thread itself would be all of it.
  const request = { windowMs: 500, hits: 20, cooldownMs: 0 };
  const listening = attached.connection.open({ pattern: 'hot-spot', request });
  listening.items$.subscribe((item) => void (item.kind === 'event' && heard.push(item)));
  await listening.ready;
  const held: StopFrame[] = [];
  attached.connection.stops$.subscribe(
    (stop) => void (stop.cause !== undefined && held.push(stop)),
  );
  const caught = attached.connection.open({ pattern: 'app.tick', catch: { temporary: true } });
  caught.items$.subscribe({ error: () => undefined });
  await caught.ready;
  for (let n = 1; n <= 12; n++) {
    await until(() => held.length >= n, `stop ${n}`);
    await new Promise((resolve) => setTimeout(resolve, 150));
    await attached.connection.debug('step', { type: 'over' }, held[n - 1]?.thread);
  }
  expect(heard).toEqual([]);
});
