import { expect, it } from 'vitest';
import type { EventItem, Listening, LossItem } from '@extension-events/session';
import { attach, startTarget, until } from './support/target.ts';

/** Collects what a listen hears. */
function collect(listening: Listening): { events: EventItem[]; losses: LossItem[] } {
  const events: EventItem[] = [];
  const losses: LossItem[] = [];
  listening.items$.subscribe({
    next: (item) => void (item.kind === 'event' ? events.push(item) : losses.push(item)),
    error: () => undefined,
  });
  return { events, losses };
}

const lost = (losses: readonly LossItem[]): number =>
  losses.reduce((sum, loss) => sum + loss.count, 0);

it('accounts for every event of a burst: matched = delivered + lost + throttled, losses in band', async () => {
  await using target = await startTarget('poster.ts');
  await using attached = await attach(target);
  const listening = attached.connection.open({ pattern: 'net.send' });
  const heard = collect(listening);
  await listening.ready;
  target.tell('burst 100003');
  await target.says('done burst');
  await listening.unlisten();
  const { summary } = listening;
  expect(summary.matched).toBe(100_003);
  expect(summary.delivered + summary.lost + summary.throttled).toBe(100_003);
  expect(heard.events).toHaveLength(summary.delivered);
  expect(lost(heard.losses)).toBe(summary.lost);
  // seq has a gap exactly where events are missing.
  const last = heard.events.at(-1);
  expect(
    heard.events.every((event, i) => i === 0 || event.seq > (heard.events[i - 1]?.seq ?? 0)),
  ).toBe(true);
  expect((last?.seq ?? 0) <= 100_003).toBe(true);
});

it('hears the first post after a registration that comes later', async () => {
  await using target = await startTarget('poster.ts');
  await using attached = await attach(target);
  const listening = attached.connection.open({ pattern: 'late.*' });
  const { events } = collect(listening);
  await listening.ready;
  target.tell('late 41');
  await until(() => events.length === 2, 'two late events');
  expect(events.map((event) => event.payload)).toEqual([{ n: 41 }, { n: 42 }]);
  expect(events[0]).toMatchObject({
    event: 'late.born',
    pid: target.pid,
    tid: target.pid,
    threadId: 0,
    seq: 1,
  });
});

it('listens to a thread that never returns to its loop, and takes the listen away again', async () => {
  await using target = await startTarget('poster.ts');
  await using attached = await attach(target);
  target.tell('spin');
  const listening = attached.connection.open({ pattern: 'net.send', where: 'len == 13' });
  const { events } = collect(listening);
  await listening.ready;
  await until(() => events.length > 3, 'events of a spinning thread');
  await listening.unlisten();
  const { summary } = listening;
  expect(summary.matched).toBe(summary.delivered + summary.lost + summary.throttled);
  expect(events.every((event) => event.payload['len'] === 13)).toBe(true);
});

it('hears workers, also nested ones, from their first post on', async () => {
  await using target = await startTarget('poster.ts');
  await using attached = await attach(target);
  const listening = attached.connection.open({ pattern: 'net.*' });
  const { events, losses } = collect(listening);
  await listening.ready;
  target.tell('worker 1009');
  target.tell('nested 503');
  await until(() => events.length + lost(losses) >= 1512, 'all events of the workers');
  await listening.unlisten();
  expect(listening.summary).toMatchObject({ matched: 1512 });
  expect(new Set(events.map((event) => event.threadId)).size).toBe(2);
  expect(events.every((event) => event.tid !== target.pid)).toBe(true);
});

it('gives each consumer exactly what it asked for', async () => {
  await using target = await startTarget('poster.ts');
  await using first = await attach(target, { name: 'first' });
  await using second = await attach(target, { name: 'second' });
  const small = first.connection.open({ pattern: 'net.send', where: 'len < 10' });
  const big = second.connection.open({ pattern: 'net.send', where: 'len >= 10', stack: 3 });
  const smallHeard = collect(small);
  const bigHeard = collect(big);
  await Promise.all([small.ready, big.ready]);
  target.tell('burst 31');
  await until(
    () => smallHeard.events.length === 10 && bigHeard.events.length === 21,
    'both shares',
  );
  await Promise.all([small.unlisten(), big.unlisten()]);
  expect(small.summary).toEqual({ matched: 10, delivered: 10, lost: 0, throttled: 0 });
  expect(big.summary).toEqual({ matched: 21, delivered: 21, lost: 0, throttled: 0 });
  expect(smallHeard.events.every((event) => event.stack === undefined)).toBe(true);
  expect(bigHeard.events[0]?.stack?.[0]).toMatch(/^Object\.burst .*poster\.ts:\d+:\d+/);
});

it('counts events with a wrong payload as lost, with the reason, and goes on', async () => {
  await using target = await startTarget('poster.ts');
  await using attached = await attach(target);
  const listening = attached.connection.open({ pattern: 'net.send' });
  const reports = attached.connection.open({ pattern: 'registry.lost' });
  const { events, losses } = collect(listening);
  const told = collect(reports);
  await Promise.all([listening.ready, reports.ready]);
  for (const command of ['bad', 'unknown', 'burst 1']) target.tell(command);
  await until(() => events.length === 1, 'the good event');
  await listening.unlisten();
  expect(listening.summary).toEqual({ matched: 3, delivered: 1, lost: 2, throttled: 0 });
  expect(lost(losses)).toBe(2);
  expect(losses[0]).toMatchObject({ reason: 'bad-payload' });
  expect(told.events[0]?.payload).toMatchObject({ name: 'net.send', reason: 'bad-payload', detail: 'field len takes u32, not string' }); // prettier-ignore
});

it('throttles at the source beyond a budget, and says how much', async () => {
  await using target = await startTarget('poster.ts');
  await using attached = await attach(target);
  const listening = attached.connection.open({ pattern: 'net.send', eventsPerSecond: 100 });
  const { events } = collect(listening);
  await listening.ready;
  target.tell('burst 5003');
  await target.says('done burst');
  await listening.unlisten();
  const { summary } = listening;
  expect(summary.matched).toBe(5003);
  expect(summary.throttled).toBeGreaterThan(4000);
  expect(summary.delivered).toBe(events.length);
  expect(summary.delivered + summary.lost + summary.throttled).toBe(5003);
});

it('refuses a predicate that does not fit, with the place', async () => {
  await using target = await startTarget('poster.ts');
  await using attached = await attach(target);
  const listening = attached.connection.open({ pattern: 'net.send', where: 'lenn == 13' });
  collect(listening);
  await expect(listening.ready).rejects.toMatchObject({ code: 'EE_EXPR_FIELD' });
  const unknown = attached.connection.open({ pattern: 'net.send', thread: '99' });
  collect(unknown);
  await expect(unknown.ready).rejects.toMatchObject({ code: 'EE_THREAD_UNKNOWN' });
});

it('refuses the 33rd recorded listen with a code, and takes it when one has ended', async () => {
  await using target = await startTarget('poster.ts');
  await using attached = await attach(target);
  const open = (): Listening => {
    const listening = attached.connection.open({ pattern: 'net.send' });
    collect(listening);
    return listening;
  };
  const all = Array.from({ length: 32 }, open);
  await Promise.all(all.map((listening) => listening.ready));
  await expect(open().ready).rejects.toMatchObject({ code: 'EE_LISTEN_SLOTS' });
  await all[7]?.unlisten();
  await expect(open().ready).resolves.toBeDefined();
});
