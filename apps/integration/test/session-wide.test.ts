/** One session over processes that come, go, refuse and are held by somebody else's debugger. */
import { firstValueFrom, filter } from 'rxjs';
import { expect, it } from 'vitest';
import { openSession, type Session, type SessionItem } from '@extension-events/session';
import { attach, startTarget, type Target, until } from './support/target.ts';

// The built file, as a user's command line names it.
const register = new URL('../../../packages/agent/dist/register.js', import.meta.url).href;
const preloaded = ['--import', register];

const opened = (): Promise<Session & AsyncDisposable> => openSession({ name: 'watcher', join: 'agents', lookMs: 100 }); // prettier-ignore

const isHere = (session: Session, { pid }: Target): boolean =>
  session.processes.some((entry) => entry.pid === pid && entry.agent === 'attached');

it('hears every process that has an agent, the ones that come later too, and injects into nobody', async () => {
  await using early = await startTarget('stopper.ts', [], preloaded);
  await using stranger = await startTarget('stopper.ts');
  await using session = await opened();
  const only = new Set([early.pid, stranger.pid]);
  const listening = session.openListening({ pattern: 'app.tick' }, ({ pid }) => only.has(pid));
  const items: SessionItem[] = [];
  listening.items$.subscribe((item) => items.push(item));
  await listening.ready;
  await until(() => items.some(({ pid }) => pid === early.pid), 'the first process is heard');
  await using late = await startTarget('stopper.ts', [], preloaded);
  only.add(late.pid);
  await until(() => items.some(({ pid }) => pid === late.pid), 'a later process is heard');
  expect(isHere(session, stranger)).toBe(false);
  expect(stranger.stderr).toBe('');
  const again = await session.open(late.pid);
  expect(await firstValueFrom(session.targets$)).toContain(again);
  expect((await firstValueFrom(session.targets$)).filter(({ pid }) => pid === late.pid)).toHaveLength(1); // prettier-ignore
  late.child.kill('SIGKILL');
  await until(() => listening.parts.some(({ pid, state }) => pid === late.pid && state === 'ended'), 'its part ends'); // prettier-ignore
  const { delivered, lost, matched, throttled } = await listening.unlisten();
  expect(delivered).toBe(items.filter(({ kind }) => kind === 'event').length);
  expect(matched).toBe(delivered + lost + throttled);
});

it('shows at which event a debugger holds a thread, and who it is', async () => {
  await using target = await startTarget('stopper.ts', [], preloaded);
  await using session = await opened();
  const watcher = await session.open(target.pid);
  await using attached = await attach(target, { name: 'extev debug', grants: ['stop'] });
  const { connection } = attached;
  const catching = connection.open({ pattern: 'app.tick', catch: {} });
  const stop = firstValueFrom(connection.stops$.pipe(filter(({ cause }) => cause !== undefined)));
  await catching.ready;
  const { thread } = await stop;
  const held = await firstValueFrom(watcher.threads$.pipe(filter((threads) => threads.some(({ state }) => state === 'held')))); // prettier-ignore
  expect(held.find(({ threadId }) => threadId === 0)).toMatchObject({
    state: 'held',
    heldBy: { event: 'app.tick', holders: [`extev debug (pid ${process.pid})`] },
  });
  await catching.unlisten();
  await connection.debug('continue', {}, thread);
  const running = await firstValueFrom(watcher.threads$.pipe(filter((threads) => threads.every(({ state }) => state === 'running')))); // prettier-ignore
  expect(running.every(({ heldBy }) => heldBy === undefined)).toBe(true);
});

it('refuses a predicate that does not parse, also for names that nobody has registered', async () => {
  await using target = await startTarget('stopper.ts', [], preloaded);
  await using session = await opened();
  await session.open(target.pid);
  const listening = session.openListening({ pattern: 'later.*', where: 'n ===' }, ({ pid }) => pid === target.pid); // prettier-ignore
  await listening.ready;
  expect(listening.parts.map(({ error, state }) => [state, error?.code])).toEqual([
    ['refused', 'EE_EXPR_SYNTAX'],
  ]);
});
