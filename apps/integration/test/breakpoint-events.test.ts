import { readFileSync } from 'node:fs';
import type { StopFrame } from '@extension-events/protocol';
import type { EventItem } from '@extension-events/session';
import { expect, it } from 'vitest';
import { attach, type Attached, startTarget, type Target, until } from './support/target.ts';

const injectUrl = new URL('../../../packages/producer-breakpoint/dist/inject.mjs', import.meta.url).href; // prettier-ignore
const fixture = new URL('../fixtures/stories/orders.ts', import.meta.url);
const line = readFileSync(fixture, 'utf8').split('\n').findIndex((text) => text.includes('const total')) + 1; // prettier-ignore
const location = `orders.ts:${line}`;

async function attachWith(
  target: Target,
  grants: readonly ('stop' | 'evaluate')[] = [],
): Promise<Attached> {
  const attached = await attach(target, { grants });
  await attached.connection.loadProducer({ id: 'breakpoint', injectUrl });
  return attached;
}

function listen(
  attached: Attached,
  request: Record<string, string | number>,
): { heard: EventItem[]; ready: Promise<unknown>; unlisten(): Promise<unknown> } {
  const heard: EventItem[] = [];
  const listening = attached.connection.open({ pattern: 'breakpoint.hit', request });
  const armed = new Promise<void>((resolve) => {
    attached.connection.arms$.subscribe((arm) => {
      if (arm.event === 'breakpoint.hit' && arm.state === 'armed') resolve();
    });
  });
  listening.items$.subscribe((item) => void (item.kind === 'event' && heard.push(item)));
  return { heard, ready: listening.ready.then(() => armed), unlisten: () => listening.unlisten() };
}

const sumOf = (count: number): number => (count * (count - 1)) / 2 + 2 * count;

it('every consumer hears each pass of a line, in the main thread and in a worker, and the program none of it', async () => {
  await using target = await startTarget('orders.ts');
  await using attached = await attachWith(target);
  await using other = await attach(target, { name: 'other' });
  const hits = listen(attached, { location, captures: 'order.id', maxHitsPerSecond: 100_000 });
  await hits.ready;
  const same = listen(other, { location, captures: 'order.id', maxHitsPerSecond: 100_000 });
  await same.ready;
  target.tell('main 499');
  await target.says(`main ${sumOf(499)}`);
  target.tell('worker 211');
  await target.says(`worker ${sumOf(211)}`);
  await until(() => hits.heard.length >= 710 && same.heard.length >= 710, 'all hits');
  expect([hits.heard.length, same.heard.length]).toEqual([710, 710]);
  const main = hits.heard.filter(({ threadId }) => threadId === 0);
  expect(main.map(({ payload }) => payload['hits'])).toEqual(Array.from({ length: 499 }, (_, at) => at + 1)); // prettier-ignore
  expect(main[498]?.payload).toMatchObject({ function: 'handleOrder', line, values: '{"order.id":"498"}' }); // prettier-ignore
  await hits.unlisten();
  target.tell('main 7');
  await until(() => same.heard.length >= 717, 'hits of the other');
  expect(hits.heard).toHaveLength(710);
});

it('a catchpoint of a debugger stops as exactly as without it', async () => {
  await using target = await startTarget('orders.ts');
  await using attached = await attachWith(target, ['stop', 'evaluate']);
  const held: StopFrame[] = [];
  attached.connection.stops$.subscribe(
    (stop) => void (stop.cause !== undefined && held.push(stop)),
  );
  const caught = attached.connection.open({ pattern: 'app.handled', catch: {} });
  caught.items$.subscribe({ error: () => undefined });
  await caught.ready;
  const hits = listen(attached, { location });
  await hits.ready;
  for (let round = 1; round <= 5; round++) {
    target.tell('main 101');
    await until(() => held.length >= round, `stop ${round}`);
    const stop = held[round - 1];
    expect(stop).toMatchObject({ landed: 'exact', cause: { type: 'event', event: 'app.handled' } });
    expect(stop?.frames?.[0]?.functionName).toBe('handle');
    await attached.connection.debug('step', { type: 'over' }, stop?.thread);
    await until(() => held.length > round, 'the step');
    held.splice(round);
    await attached.connection.debug('continue', {}, stop?.thread);
    await until(() => hits.heard.length >= 101 * round, 'hits');
  }
  await hits.unlisten();
  target.tell('main 3');
  await until(() => held.length >= 6, 'a stop without us');
  expect(held[5]?.landed).toBe('exact');
  expect(hits.heard).toHaveLength(505);
});

it('a catchpoint on a breakpoint event stops at the place', async () => {
  await using target = await startTarget('orders.ts');
  await using attached = await attachWith(target, ['stop', 'evaluate']);
  const held: StopFrame[] = [];
  attached.connection.stops$.subscribe(
    (stop) => void (stop.cause !== undefined && held.push(stop)),
  );
  const request = { location };
  const caught = attached.connection.open({ pattern: 'breakpoint.hit', request, catch: { temporary: true } }); // prettier-ignore
  caught.items$.subscribe({ error: () => undefined });
  await caught.ready;
  const feeding = setInterval(() => target.tell('main 50'), 20);
  await until(() => held.length > 0, 'a stop');
  clearInterval(feeding);
  expect(held[0]).toMatchObject({ landed: 'exact', cause: { event: 'breakpoint.hit' } });
  expect(held[0]?.frames?.[0]?.functionName).toBe('handleOrder');
  await attached.connection.debug('continue', {}, held[0]?.thread);
});
