import { expect, it } from 'vitest';
import { type CdpSession, connectWebSocket } from '@extension-events/platform-v8';
import type { StopFrame } from '@extension-events/protocol';
import { attach, startTarget, type Target, until } from './support/target.ts';

/** Connects as VS Code or an APM would: over the port that the program was started with. */
async function connectForeign(target: Target): Promise<CdpSession> {
  await until(() => /ws:\S+/.test(target.stderr), 'the inspector');
  const [url = ''] = /ws:\S+/.exec(target.stderr) ?? [];
  const foreign = await connectWebSocket(url, { timeoutMs: 10_000 });
  await foreign.post('Debugger.enable');
  return foreign;
}

it('says when another inspector resumes a thread that we hold', async () => {
  await using target = await startTarget('stopper.ts', [], ['--inspect=0']);
  const foreign = await connectForeign(target);
  await using attached = await attach(target, { grants: ['stop', 'evaluate'] });
  const seen: StopFrame[] = [];
  attached.connection.stops$.subscribe((stop) => seen.push(stop));
  const caught = attached.connection.open({ pattern: 'app.tick', catch: { temporary: true } });
  caught.items$.subscribe({ error: () => undefined });
  await caught.ready;
  await until(() => seen.some((stop) => stop.cause !== undefined), 'our stop');
  await foreign.post('Debugger.resume');
  await until(
    () => seen.some((stop) => stop.resumedBy === 'foreign'),
    'the word that it was resumed',
  );
  expect(seen.map((stop) => stop.cause?.type ?? stop.resumedBy)).toEqual(['event', 'foreign']);
  foreign.close();
});

it('lands exactly beside another inspector that refuses blackboxing', async () => {
  await using target = await startTarget('stopper.ts', [], ['--inspect=0']);
  const foreign = await connectForeign(target);
  await using attached = await attach(target, { grants: ['stop', 'evaluate'] });
  const held: StopFrame[] = [];
  attached.connection.stops$.subscribe(
    (stop) => void (stop.cause !== undefined && held.push(stop)),
  );
  const caught = attached.connection.open({ pattern: 'app.tick', catch: {} });
  caught.items$.subscribe({ error: () => undefined });
  await caught.ready;
  for (let n = 1; n <= 5; n++) {
    await until(() => held.length >= n, `stop ${n}`);
    expect(held[n - 1]).toMatchObject({ landed: 'exact' });
    await attached.connection.debug('continue', {}, held[n - 1]?.thread);
  }
  foreign.close();
});

it('shows a stop that another inspector made, and leaves it to that one to resume', async () => {
  await using target = await startTarget('stopper.ts', [], ['--inspect=0']);
  const foreign = await connectForeign(target);
  await using attached = await attach(target, { grants: ['stop', 'evaluate'] });
  const seen: StopFrame[] = [];
  attached.connection.stops$.subscribe((stop) => seen.push(stop));
  await foreign.post('Debugger.pause');
  await until(() => seen.some((stop) => stop.cause?.type === 'foreign'), 'the foreign stop');
  // The watchdog comes by twice a second and must let it stand.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(seen.some((stop) => stop.resumedBy !== undefined)).toBe(false);
  await foreign.post('Debugger.resume');
  await until(() => seen.some((stop) => stop.resumedBy === 'foreign'), 'its resume');
  foreign.close();
});
