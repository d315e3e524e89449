/** A graph over real processes; needs the built agent. */
import { existsSync } from 'node:fs';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { agentThreadFile, openSession, type Session } from '@extension-events/session';
import { createProfilerGraph } from './create-profiler-graph.ts';
import type { FlameNode, SeriesLine } from './graph-types.ts';
import type { ProfilerGraph } from './profiler-graph.ts';
import { Poster, reach } from './testing/start-poster.ts';

const spec = { pattern: 'test.*' };
const range = { lastMs: 300_000 };
const totalOf = (lines: readonly SeriesLine[]): number => lines.reduce((sum, { total }) => sum + total, 0); // prettier-ignore

let poster: Poster;
let session: Session;
const isBuilt = existsSync(agentThreadFile());
beforeAll(async () => {
  session = await openSession({ name: 'test', lookMs: 200 });
  if (!isBuilt) return;
  poster = await Poster.start();
  await session.open(poster.pid);
}, 60_000);
afterAll(async () => {
  await session.close();
  if (isBuilt) await poster[Symbol.asyncDispose]();
});
beforeEach((context) => {
  if (!isBuilt) context.skip('needs agent: it is not built');
});

const listening = (graph: ProfilerGraph) =>
  reach(graph.state(spec), ({ parts }) => parts.some(({ state, pending }) => state === 'listening' && pending === 0)); // prettier-ignore

async function listenersOf(): Promise<number> {
  const [target] = await firstValueFrom(session.targets$);
  const types = (await target?.refreshEventTypes()) ?? [];
  return types.find(({ descriptor }) => descriptor.name === 'test.sent')?.listeners ?? -1;
}

describe('a graph of a real process', { timeout: 120_000 }, () => {
  it('has exactly what was posted, in every form, however it is cut', async () => {
    await using graph = createProfilerGraph(session, { keepMs: 60_000 });
    const views = [
      graph.series(spec, { range }).subscribe(),
      graph.histogram(spec, { field: 'durationNs' }).subscribe(),
      graph.topValues(spec, { field: 'host' }).subscribe(),
      graph.topValues(spec, { field: 'body' }).subscribe(),
      graph.heatMap(spec, { field: 'durationNs', range }).subscribe(),
    ];
    await listening(graph);
    await poster.post(10_007);
    await poster.post(503, 'worker');
    const all = 10_007 + 503;
    const sum = await reach(graph.series(spec, { range }), ({ lines }) => totalOf(lines) === all);
    expect(sum.lines.map(({ key }) => key)).toEqual(['sum']);
    const threads = await firstValueFrom(graph.series(spec, { range, by: 'thread' }));
    expect(threads.lines.map(({ total }) => total).toSorted((a, b) => a - b)).toEqual([
      503, 10_007,
    ]);
    expect(threads.lines[0]?.key).toBe(`${poster.pid}/${poster.pid}`);
    const events = await firstValueFrom(graph.series(spec, { range, by: 'event' }));
    expect(events.lines).toMatchObject([{ key: 'test.sent', label: 'test.sent', total: all }]);
    const histogram = await reach(graph.histogram(spec, { field: 'durationNs' }), ({ count }) => count === all); // prettier-ignore
    expect(histogram).toMatchObject({ unit: 'ns', min: 1000, max: 10_007_000 });
    expect(histogram.buckets.reduce((total, { count }) => total + count, 0)).toBe(all);
    const ranged = await firstValueFrom(graph.histogram(spec, { field: 'durationNs', range }));
    expect(ranged.count).toBe(all);
    const map = await firstValueFrom(graph.heatMap(spec, { field: 'durationNs', range }));
    expect(map.columns.flat().reduce((total, count) => total + count, 0)).toBe(all);
    const hosts = await firstValueFrom(graph.topValues(spec, { field: 'host' }));
    expect(hosts.values).toMatchObject([
      { value: 'host-1', count: 3336 + 168, error: 0 },
      { value: 'host-2', count: 3336 + 168, error: 0 },
      { value: 'host-0', count: 3335 + 167, error: 0 },
    ]);
    const bodies = await firstValueFrom(graph.topValues(spec, { field: 'body' }));
    expect(bodies.values.map(({ value }) => value)).toEqual(['01', '00']);
    const { items, total } = await firstValueFrom(graph.incidents(spec, { limit: 503 }));
    expect(total).toBe(all);
    expect(items.at(-1)).toMatchObject({
      event: 'test.sent',
      pid: poster.pid,
      payload: { n: 503 },
    });
    expect(items.map(({ number }) => number)).toEqual(items.map((_, i) => all - 502 + i));
    // A range of its own is answered from what is kept.
    const past = { fromMs: sum.startMs, toMs: sum.startMs + (sum.lines[0]?.counts.length ?? 0) * sum.bucketMs }; // prettier-ignore
    expect(totalOf((await firstValueFrom(graph.series(spec, { range: past }))).lines)).toBe(all);
    const before = { fromMs: sum.startMs - 60_000, toMs: sum.startMs };
    expect(totalOf((await firstValueFrom(graph.series(spec, { range: before }))).lines)).toBe(0);
    for (const view of views) view.unsubscribe();
    const { summary } = await reach(graph.state(spec), ({ summary: now }) => now.delivered === all);
    expect(summary).toEqual({ matched: all, delivered: all, lost: 0, throttled: 0 });
  });

  it('listens once for all who watch the same, and no longer than somebody does', async () => {
    await using graph = createProfilerGraph(session);
    const one = graph.series(spec, { range }).subscribe();
    const two = graph.histogram({ ...spec }, { field: 'n' }).subscribe();
    const three = graph.incidents(spec).subscribe();
    await listening(graph);
    expect(await listenersOf()).toBe(1);
    one.unsubscribe();
    three.unsubscribe();
    expect(await listenersOf()).toBe(1);
    two.unsubscribe();
    while ((await listenersOf()) > 0);
    expect(await listenersOf()).toBe(0);
  });

  it('shows who posted: stacks of incidents and a flame graph, while somebody asks for them', async () => {
    await using graph = createProfilerGraph(session);
    const incidents$ = graph.incidents(spec, { stack: 8, limit: 5 });
    const flames$ = graph.flameGraph(spec, { stack: 8 });
    const subscriptions = [incidents$.subscribe(), flames$.subscribe()];
    await listening(graph);
    while ((await listenersOf()) < 2);
    await poster.post(101);
    const flames = await reach(flames$, ({ stacks, withoutStack }) => stacks + withoutStack === 101); // prettier-ignore
    const names = (node: FlameNode): string[] => [node.name, ...node.children.flatMap(names)];
    expect(names(flames.root)).toContain('postFromHere');
    expect(flames.root.total).toBe(flames.stacks);
    const find = (node: FlameNode): FlameNode | undefined => node.name === 'postFromHere' ? node : node.children.map(find).find(Boolean); // prettier-ignore
    expect(find(flames.root)?.location).toMatch(/testing\/poster\.ts:\d+$/);
    const { items } = await reach(incidents$, ({ total }) => total === 101);
    const stacks = items.flatMap((item) => (item.kind === 'event' ? [item.stack?.[0]] : []));
    expect(stacks).toHaveLength(5);
    for (const frame of stacks) expect(frame).toContain('postFromHere');
    for (const subscription of subscriptions) subscription.unsubscribe();
  });

  it('hears a process that is opened later, and opens one itself', async () => {
    await using late = await Poster.start();
    await using graph = createProfilerGraph(session);
    const series$ = graph.series({ ...spec, pid: late.pid }, { range });
    const watching = series$.subscribe();
    const isThere = (state: string) => reach(graph.processes$, (all) => all.some((one) => one.pid === late.pid && one.state === state)); // prettier-ignore
    await isThere('attachable');
    await graph.attach(late.pid);
    const found = (await isThere('connected')).find(({ pid }) => pid === late.pid);
    expect(found).toMatchObject({
      sides: { agent: true },
      runtime: expect.stringContaining('node'),
    });
    expect(found?.threads.map(({ threadId }) => threadId)).toContain(0);
    await reach(graph.state({ ...spec, pid: late.pid }), ({ parts }) => parts.some(({ state }) => state === 'listening')); // prettier-ignore
    await late.post(211);
    await reach(series$, ({ lines }) => totalOf(lines) === 211);
    watching.unsubscribe();
    await expect(graph.attach(2 ** 22)).rejects.toMatchObject({ code: 'EE_NO_PROCESS' });
  });

  it('lists event types with their fields, and how often they are posted while they are heard', async () => {
    await using graph = createProfilerGraph(session);
    const entry$ = graph.catalogue$;
    const first = await reach(entry$, (all) => all.some(({ name }) => name === 'test.sent'));
    const entry = first.find(({ name }) => name === 'test.sent');
    expect(entry).toMatchObject({ kind: 'filtered', listeners: 0, hasStack: false, lost: 0 });
    expect(entry?.perSecond).toBeUndefined();
    expect(entry?.fields).toContainEqual({ name: 'durationNs', type: 'f64', unit: 'ns' });
    const watching = graph.series(spec, { range }).subscribe();
    await listening(graph);
    const rate = reach(entry$, (all) => all.some(({ name, perSecond = 0 }) => name === 'test.sent' && perSecond > 0)); // prettier-ignore
    const posting = new AbortController();
    void rate.finally(() => posting.abort());
    for (let n = 1000; !posting.signal.aborted; n++) await poster.post(n);
    expect((await rate).find(({ name }) => name === 'test.sent')?.listeners).toBe(1);
    watching.unsubscribe();
  });

  it('tells why a source is refused, and goes on', async () => {
    await using graph = createProfilerGraph(session);
    const { parts } = await reach(graph.state({ pattern: 'test.sent', where: 'n ===' }), (state) => state.parts.some(({ error }) => error !== undefined)); // prettier-ignore
    expect(parts[0]).toMatchObject({ state: 'refused', error: { code: expect.stringMatching(/^EE_/) } }); // prettier-ignore
  });

  it('refuses sources and ranges that make no sense, and completes when it is closed', async () => {
    const graph = createProfilerGraph(session);
    await expect(firstValueFrom(graph.state({ pattern: 'No Name' }))).rejects.toMatchObject({ code: 'EE_PATTERN' }); // prettier-ignore
    await expect(firstValueFrom(graph.state({ ...spec, thread: '1' }))).rejects.toMatchObject({ code: 'EE_GRAPH_SOURCE' }); // prettier-ignore
    await expect(firstValueFrom(graph.series(spec, { range: { lastMs: 0 } }))).rejects.toMatchObject({ code: 'EE_GRAPH_RANGE' }); // prettier-ignore
    const last = lastValueFrom(graph.series(spec, { range }));
    await graph.close();
    expect((await last).lines).toHaveLength(1);
    await expect(firstValueFrom(graph.state(spec))).rejects.toMatchObject({ code: 'EE_GRAPH_CLOSED' }); // prettier-ignore
  });
});
