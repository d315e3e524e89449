/** Producers that run inside the threads of a program that knows nothing of us. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { socketDirectory } from '@extension-events/protocol';
import type { EventItem } from '@extension-events/session';
import { attach, type Attached, startTarget, until } from './support/target.ts';

const producer = {
  id: 'root',
  threadUrl: new URL('../fixtures/stories/root-producer.cjs', import.meta.url).href,
  eventTypes: [{ name: 'root.taken', kind: 'filtered', description: '', fields: {} }],
} as const;

async function listen(attached: Attached, where?: string): Promise<EventItem[]> {
  const { connection } = attached;
  await connection.useProducers([producer], (_, error) => expect.fail(String(error)));
  const events: EventItem[] = [];
  const listening = connection.open({ pattern: 'root.taken', ...(where === undefined ? {} : { where }) }); // prettier-ignore
  listening.items$.subscribe((item) => void (item.kind === 'event' && events.push(item)));
  await listening.ready;
  return events;
}

it('come with the first listener of their names, and leave the program as it was', async () => {
  await using target = await startTarget('roots.mjs');
  {
    await using attached = await attach(target);
    const other = attached.connection.open({ pattern: 'other.name' });
    await other.ready;
    target.tell('whose');
    await target.says('its own\ndone whose');
    const events = await listen(attached, 'n > 3');
    target.tell('take 13');
    await until(() => events.length === 10, 'ten roots');
    expect(events.map(({ payload }) => payload['n'])).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    target.tell('whose');
    await target.says('somebody else’s');
  }
  target.stdout = '';
  await until(() => {
    target.tell('whose');
    return target.stdout.includes('its own');
  }, 'the function of its own');
});

it('come to a thread that spins, and to workers that start later', async () => {
  await using target = await startTarget('roots.mjs');
  await using attached = await attach(target);
  const events = await listen(attached, 'n == 7');
  target.tell('worker 11');
  await until(() => events.length === 1, 'the root of the worker');
  expect(events[0]).toMatchObject({ threadId: expect.any(Number) as number, payload: { n: 7 } });
  expect(events[0]?.threadId).toBeGreaterThan(0);

  await using spinning = await startTarget('roots.mjs');
  spinning.tell('spin');
  await using other = await attach(spinning);
  const heard = await listen(other, 'n == 13');
  await until(() => heard.length > 100, 'roots of a thread that spins');
});

it('that cannot work in a process say why to whoever asks for one of their names', async () => {
  await using target = await startTarget('roots.mjs', [], ['--import', 'data:text/javascript,globalThis.noRoots=true']); // prettier-ignore
  await using attached = await attach(target);
  const refused: string[] = [];
  await attached.connection.useProducers([producer], (id) => refused.push(id));
  const listening = attached.connection.open({ pattern: 'root.taken' });
  await expect(listening.ready).rejects.toMatchObject({
    code: 'EE_ROOT_NONE',
    hint: 'Plant some.',
  });
  await attached.connection.open({ pattern: 'root.*' }).ready;
  expect(refused).toEqual(['root']);
});

it('that cannot work in a thread that came later are told of in the audit log', async () => {
  await using target = await startTarget('roots.mjs');
  await using attached = await attach(target);
  const events = await listen(attached);
  target.tell('worker -1');
  const log = join(socketDirectory(process.getuid?.() ?? 0), 'audit.log');
  const read = (): string => [`${log}.1`, log].map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')).join(''); // prettier-ignore
  const entries = (): string[] => read().split('\n').filter((line) => line.includes(`"pid":${target.pid},`) && line.includes('"producer-refused"')); // prettier-ignore
  await until(() => entries().length > 0, 'an entry of the audit log');
  expect(JSON.parse(entries()[0] ?? '')).toMatchObject({ producer: 'root', code: 'EE_ROOT_NONE', hint: 'Plant some.' }); // prettier-ignore
  target.tell('take 3');
  await until(() => events.length === 3, 'the roots of the other thread');
});
