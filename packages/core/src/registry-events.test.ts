import { expect, it, vi } from 'vitest';
import { Budget } from './budget.ts';
import { Registry } from './registry.ts';
import { TestRing } from './test-ring.ts';

const safePoint = async (): Promise<void> => {
  for (let i = 0; i < 4; i++) await Promise.resolve();
};
const fields = { n: { type: 'u32' } } as const;

function hear(registry: Registry): unknown[] {
  const heard: unknown[] = [];
  registry.listen('registry.*', ({ name, payload }) => heard.push([name, payload]));
  return heard;
}

it('tells of types that come and go', async () => {
  const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
  const heard = hear(registry);
  const type = registry.registerEventType({ name: 'tick', description: 'It ticks.', fields });
  registry.registerEventType({ name: 'tick', description: 'It ticks.', fields });
  type.unregister();
  type.unregister();
  await safePoint();
  expect(heard).toEqual([
    ['registry.registered', { name: 'tick', kind: 'filtered', description: 'It ticks.' }],
    ['registry.unregistered', { name: 'tick' }],
  ]);
});

it('tells of armings', async () => {
  const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
  const type = registry.registerEventType({ name: 'hit', kind: 'requested', description: '', fields, request: { a: { type: 'u32', default: 1 } }, arm() {}, disarm() {} }); // prettier-ignore
  const heard = hear(registry);
  type.listen(() => {}).unlisten();
  type.listen(() => {}, { subject: { tid: 9, threadId: 1 }, request: { a: 2 } });
  await safePoint();
  expect(heard).toEqual([
    ['registry.armed', { name: 'hit', tid: 0, request: '{"a":1}' }],
    ['registry.disarmed', { name: 'hit', tid: 0, request: '{"a":1}' }],
    ['registry.armed', { name: 'hit', tid: 9, request: '{"a":2}' }],
  ]);
});

it('tells the first loss at once and the others summed up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
  const type = registry.registerEventType({ name: 'tick', description: '', fields });
  const heard = hear(registry);
  type.listen(() => {});
  for (let i = 0; i < 5; i++) type.post({ n: -1 });
  await safePoint();
  const detail = 'field n takes u32, not number -1';
  const lost = { name: 'tick', reason: 'bad-payload', detail };
  expect(heard).toEqual([['registry.lost', { ...lost, count: 1 }]]);
  vi.runAllTimers();
  await safePoint();
  expect(heard.slice(1)).toEqual([['registry.lost', { ...lost, count: 4 }]]);
  vi.useRealTimers();
});

it('tells of throttling', async () => {
  const ring = new TestRing();
  const type = ring.registry.registerEventType({ name: 'tick', description: '', fields });
  const heard = hear(ring.registry);
  ring.registry.tap({ mode: 'record', pattern: 't*', slot: 0, budget: new Budget({ eventsPerSecond: 0 }) }); // prettier-ignore
  type.post({ n: 1 });
  await safePoint();
  expect(heard).toEqual([['registry.throttled', { name: 'tick', count: 1, detail: 't*' }]]);
});

it('does not tell of its own losses', async () => {
  const ring = new TestRing(4096);
  ring.registry.tap({ mode: 'record', pattern: '**', slot: 0 });
  const type = ring.registry.registerEventType({ name: 'tick', description: '', fields });
  for (let n = 0; n < 1000; n++) type.post({ n });
  await safePoint();
  const items = ring.read();
  expect(items.length).toBeGreaterThan(10);
  expect(ring.reader.counters(0).matched).toBeGreaterThanOrEqual(1000);
});
