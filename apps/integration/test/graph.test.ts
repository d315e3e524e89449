/** What the profiler graph shows of programs that it did not know: numbers that others have counted too. */
import { createRequire } from 'node:module';
import { filter, firstValueFrom, type Observable, timeout } from 'rxjs';
import { expect, it } from 'vitest';
import { createProfilerGraph, type FlameNode, toSpeedscope } from '@extension-events/consumer-profiler-graph'; // prettier-ignore
import { netProbesDescriptors } from '@extension-events/producer-net-probes';
import { openSession } from '@extension-events/session';
import { startFixture } from './support-cli/child.ts';
import { startTarget } from './support/target.ts';

const autocannon = createRequire(import.meta.url)('autocannon') as (options: { url: string; amount: number; connections: number }) => Promise<Record<string, unknown>>; // prettier-ignore

const built = (path: string): string => new URL(`../../../packages/${path}`, import.meta.url).href;
const hotSpot = { id: 'hot-spot', injectUrl: built('producer-hot-spot/dist/inject.mjs') };
const netProbes = { id: 'net-probes', threadUrl: built('producer-net-probes/dist/thread.cjs'), eventTypes: netProbesDescriptors }; // prettier-ignore

const reach = <T>(values$: Observable<T>, is: (value: T) => boolean): Promise<T> =>
  firstValueFrom(values$.pipe(filter(is), timeout(60_000)));

it('the flame graph of a program that burns CPU names its hot function, and weighs it most', async () => {
  await using target = await startTarget('fibonacci.ts');
  await using session = await openSession({ name: 'graph', producers: [hotSpot] });
  await session.open(target.pid);
  await using graph = createProfilerGraph(session);
  const flames$ = graph.flameGraph({ pattern: 'hot-spot.sample', request: { frequencyHz: 200 } });
  const flames = await reach(flames$, ({ stacks }) => stacks > 100);
  const all = (node: FlameNode): FlameNode[] => [node, ...node.children.flatMap(all)];
  // The outermost of its calls has the weight of all of them.
  const burning = all(flames.root).find(({ name }) => name === 'fibonacci');
  expect((burning?.total ?? 0) / flames.root.total).toBeGreaterThan(0.5);
  expect(burning?.location).toMatch(/fibonacci\.ts:\d+$/);
  expect(flames.withoutStack).toBe(0);
  expect(toSpeedscope(flames, 'test')).toContain('fibonacci');
});

it('the histogram of a fastify server under load has every request of it', async () => {
  await using shop = startFixture('shop.mjs');
  await shop.says('ready');
  const port = /ready (\d+)/.exec(shop.stdout)?.[1] ?? '';
  await using session = await openSession({ name: 'graph', producers: [netProbes] });
  await session.open(shop.pid);
  await using graph = createProfilerGraph(session);
  const source = { pattern: 'http.server.request' };
  const views = { durations: graph.histogram(source, { field: 'durationNs' }), codes: graph.topValues(source, { field: 'statusCode' }) }; // prettier-ignore
  const watching = [views.durations.subscribe(), views.codes.subscribe()];
  await reach(graph.state(source), ({ parts }) => parts.some(({ pending, state }) => state === 'listening' && pending === 0)); // prettier-ignore
  const amount = 2003;
  const load = await autocannon({ url: `http://127.0.0.1:${port}/quick`, amount, connections: 7 });
  expect(load['2xx']).toBe(amount);
  const { quantiles } = await reach(views.durations, ({ count }) => count === amount);
  expect(quantiles.p50).toBeGreaterThan(0);
  const { values } = await reach(views.codes, ({ count }) => count === amount);
  expect(values).toEqual([{ value: '200', count: amount, error: 0 }]);
  for (const view of watching) view.unsubscribe();
});
