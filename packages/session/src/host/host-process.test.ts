import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JoinedConnection } from '../joined-connection.ts';
import { openSession, type Session } from '../session.ts';
import { collect, until } from './testing/host-bed.ts';
import { hostPids, pagesFrom, perfProducer, removePrograms, socketsOf, startConsumer, startProgram, touchedPages, whyNot } from './testing/programs.ts'; // prettier-ignore

let session: Session;
let reason: string | undefined;
beforeAll(async () => {
  reason = await whyNot();
  session = await openSession({ name: 'test', hostProducers: [perfProducer] });
});
afterAll(async () => {
  await session.close();
  removePrograms();
});
beforeEach((context) => {
  if (reason !== undefined) context.skip(reason);
});

const open = (pid: number): Promise<JoinedConnection> =>
  session.open(pid, { grants: ['stop'], timeoutMs: 60_000 });
const ticks = { pattern: 'clock.tick', request: { period: 1e6 } } as const;

/** It runs, and nobody traces it. */
function expectUntouched(pid: number): void {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  expect(status).toMatch(/^State:\s+[RS]/m);
  expect(status).toMatch(/^TracerPid:\s+0$/m);
}

describe('a host process', { timeout: 240_000 }, () => {
  it('serves a program that is no Node program, and ends by itself when it is not needed', async () => {
    await using target = await startProgram();
    const connection = await open(target.pid);
    expect(connection.sides).toEqual({ agent: false, host: true });
    expect(connection.hello).toMatchObject({
      pid: target.pid,
      name: 'spinner',
      runtime: 'spinner',
    });
    const spinning = connection.threads.find(({ tid }) => tid !== target.pid)?.tid;
    const listening = connection.open(ticks);
    const { events } = collect(listening);
    await listening.ready;
    await until('ticks', () => events.length >= 20);
    await listening.unlisten();
    expect(new Set(events.map(({ tid }) => tid))).toEqual(new Set([spinning]));
    const { matched, delivered, lost } = listening.summary;
    expect(matched).toBe(delivered + lost);
    expect(hostPids(target.pid)).toHaveLength(1);
    await connection.close();
    await until('the host is gone', () => hostPids(target.pid).length === 0);
    expect(socketsOf(target.pid)).toEqual([]);
    expectUntouched(target.pid);
  });

  it('counts a prime number of page faults exactly', async () => {
    await using target = await startProgram();
    const connection = await open(target.pid);
    const end = pagesFrom + touchedPages * 4096;
    const listening = connection.open({ pattern: 'fault.page', where: `address >= ${pagesFrom} && address < ${end}` }); // prettier-ignore
    const { events } = collect(listening);
    await listening.ready;
    target.child.kill('SIGUSR1');
    await target.says('touched');
    await listening.unlisten();
    expect(listening.summary).toEqual({ matched: touchedPages, delivered: touchedPages, lost: 0, throttled: 0 }); // prettier-ignore
    expect(events.map(({ payload }) => payload['address'])).toEqual(Array.from({ length: touchedPages }, (_, i) => pagesFrom + i * 4096)); // prettier-ignore
    await connection.close();
  });

  it('is shared by all consumers, also by those that start at once', async () => {
    await using target = await startProgram();
    const connections = await Promise.all(Array.from({ length: 4 }, () => open(target.pid)));
    const heard = connections.map((connection) => connection.open(ticks));
    await Promise.all(heard.map(({ ready }) => ready));
    await until('one host', () => hostPids(target.pid).length === 1);
    const [first, ...others] = connections;
    await first?.close();
    const rest = others.map((connection) => collect(connection.open(ticks)));
    await until('the others still hear', () => rest.every(({ events }) => events.length > 3));
    expect(others.map(({ sides }) => sides.host)).toEqual([true, true, true]);
    await Promise.all(others.map((connection) => connection.close()));
  });

  it('tells the rest and says goodbye when the program ends', async () => {
    await using target = await startProgram();
    const connection = await open(target.pid);
    const listening = connection.open(ticks);
    const { events } = collect(listening);
    await listening.ready;
    await until('ticks', () => events.length > 5);
    target.child.kill('SIGUSR2');
    expect(await connection.ended).toMatchObject({ reason: 'bye', bye: { reason: 'exit' } });
    expect(listening.summary.delivered).toBe(events.length);
    expect(listening.summary.matched).toBe(events.length + listening.summary.lost);
    expect(target.child.exitCode).toBe(7);
    await until('the host is gone', () => hostPids(target.pid).length === 0);
    expect(socketsOf(target.pid)).toEqual([]);
  });

  it('that is killed at any moment harms nobody; the next consumer gets another', async () => {
    await using target = await startProgram();
    for (let round = 0; round < 6; round++) {
      const connection = await open(target.pid);
      const listening = connection.open(ticks);
      void connection.open({ ...ticks, catch: {}, where: 'address < 0' });
      if (round % 2 === 0) await listening.ready;
      else listening.ready.catch(() => undefined);
      await delay(Math.random() * 60);
      for (const pid of hostPids(target.pid)) process.kill(pid, 'SIGKILL');
      expect(await connection.ended).toMatchObject({ reason: 'lost' });
      expectUntouched(target.pid);
    }
    const connection = await open(target.pid);
    await connection.close();
    await until('the host is gone', () => hostPids(target.pid).length === 0);
    expect(socketsOf(target.pid)).toEqual([]);
    expect(target.isRunning).toBe(true);
  });

  it('is left by consumers that are killed at any moment, and disarms all of theirs', async () => {
    await using target = await startProgram();
    const witness = await open(target.pid);
    for (let round = 0; round < 3; round++) {
      const consumer = startConsumer(target.pid);
      if (consumer.stdout !== null) await once(consumer.stdout, 'data'); // it is connected
      await delay(Math.random() * 100);
      consumer.kill('SIGKILL');
      await once(consumer, 'exit');
    }
    const isArmed = (): boolean => witness.eventTypes.some(({ descriptor, listeners }) => descriptor.name === 'clock.tick' && listeners > 0); // prettier-ignore
    await until('nothing is armed', () => {
      void witness.refreshEventTypes();
      return !isArmed();
    });
    await witness.close();
    await until('the host is gone', () => hostPids(target.pid).length === 0);
    expect(socketsOf(target.pid)).toEqual([]);
    expectUntouched(target.pid);
  });

  it('stops well when it is asked to', async () => {
    await using target = await startProgram();
    const connection = await open(target.pid);
    for (const pid of hostPids(target.pid)) process.kill(pid, 'SIGTERM');
    expect(await connection.ended).toMatchObject({ bye: { reason: 'agent-ends' } });
    expect(socketsOf(target.pid)).toEqual([]);
  });
});

describe('what cannot be', () => {
  it('is told with a code: no such process', async () => {
    await expect(session.open(2 ** 22 + 7)).rejects.toMatchObject({ code: 'EE_NO_PROCESS' });
    await expect(session.open(2 ** 22 + 7, { sides: 'host' })).rejects.toMatchObject({ code: 'EE_NO_PROCESS' }); // prettier-ignore
  });

  it("is told with a code: somebody else's process", (context) => {
    if (process.geteuid?.() !== 0) context.skip('needs root: to become somebody else');
    const script = `
      const { checkHostTarget } = await import(${JSON.stringify(new URL('./host-target.ts', import.meta.url).href)});
      process.setegid(1001); process.seteuid(1001);
      try { checkHostTarget(${process.pid}); } catch (error) { console.log(error.code, error.hint); }`;
    const { stdout } = spawnSync(process.execPath, ['--conditions=@extension-events/source', '--input-type=module', '-e', script], { encoding: 'utf8', cwd: fileURLToPath(new URL('.', import.meta.url)) }); // prettier-ignore
    expect(stdout).toContain('EE_HOST_PERMISSION Run the same command as that user or as root');
  });
});
