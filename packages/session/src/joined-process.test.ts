/** An agent and a host beside it on one real Node program; needs the built agent. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StopFrame } from '@extension-events/protocol';
import { agentThreadFile } from './agent-files.ts';
import { collect, until } from './host/testing/host-bed.ts';
import { hostPids, perfProducer, removePrograms, socketsOf, startScript, type Target, whyNot } from './host/testing/programs.ts'; // prettier-ignore
import type { JoinedConnection } from './joined-connection.ts';
import { openSession, type Session } from './session.ts';

// A hot function on the main thread, and a worker that waits.
const program = `
import { Worker } from 'node:worker_threads';
if (process.argv[2] === undefined) {
  new Worker('setInterval(() => {}, 1000)', { eval: true }).on('online', () => {
    console.log('ready');
    setImmediate(function turn() { spin(2e5); setImmediate(turn); });
  });
}
function spin(times) {
  let sum = 0;
  for (let i = 0; i < times; i++) sum += Math.sqrt(i) % 7;
  return sum;
}
`;

// The machine may be busy with other tests.
const timeoutMs = 60_000;

let session: Session;
let reason: string | undefined;
let target: Target;
beforeAll(async () => {
  reason = existsSync(agentThreadFile()) ? await whyNot() : 'needs agent: it is not built';
  session = await openSession({ name: 'test', hostProducers: [perfProducer] });
  if (reason === undefined) target = await startScript(program);
}, 60_000);
afterAll(async () => {
  await session.close();
  if (reason === undefined) await target[Symbol.asyncDispose]();
  removePrograms();
});
beforeEach((context) => {
  if (reason !== undefined) context.skip(reason);
});

const open = (): Promise<JoinedConnection> => session.open(target.pid, { grants: ['stop', 'evaluate'], timeoutMs }); // prettier-ignore

describe('a Node process with an agent and a host', { timeout: 240_000 }, () => {
  it('has each thread once, and gets its host with the first listen that needs it', async () => {
    const connection = await open();
    expect(connection.sides).toEqual({ agent: true, host: false });
    await until('main and worker', () => connection.threads.length === 2);
    expect(connection.threads.map(({ threadId }) => threadId)).toEqual([0, 1]);
    const before = connection.threads;
    const listening = connection.open({ pattern: 'clock.tick', request: { period: 1e6 } });
    const { events } = collect(listening);
    await listening.ready;
    expect(connection.sides).toEqual({ agent: true, host: true });
    expect(connection.threads).toEqual(expect.arrayContaining([...before]));
    const tids = connection.threads.map(({ tid }) => tid);
    expect(new Set(tids).size).toBe(tids.length);
    expect(connection.threads.filter(({ runs }) => runs === 'native').length).toBeGreaterThan(2);
    await until('ticks of the main thread', () => events.some(({ tid }) => tid === target.pid));
    expect(events.find(({ tid }) => tid === target.pid)).toMatchObject({ threadId: 0 });
    await listening.unlisten();
    const { matched, delivered, lost } = listening.summary;
    expect(matched).toBe(delivered + lost);
    await connection.close();
    await until('the host is gone', () => hostPids(target.pid).length === 0);
    expect(socketsOf(target.pid).filter((name) => name.includes('.host.'))).toEqual([]);
  });

  it('stops a JavaScript thread for an event of the host, once, in JavaScript', async () => {
    const connection = await open();
    const stops: StopFrame[] = [];
    connection.stops$.subscribe((frame) => stops.push(frame));
    const listening = connection.open({ pattern: 'clock.tick', request: { period: 1e7 }, thread: '0', catch: {} }); // prettier-ignore
    await listening.ready;
    const main = connection.threads.find(({ threadId }) => threadId === 0)?.key ?? -1;
    for (let round = 1; round <= 3; round++) {
      await until('a stop', () => stops.length === 2 * round - 1);
      expect(stops.at(-1)).toMatchObject({
        thread: main,
        cause: { type: 'event', event: 'clock.tick', listens: [listening.id] },
        landed: 'function',
      });
      expect(stops.at(-1)?.frames?.length).toBeGreaterThan(0);
      await connection.debug('continue', {}, main);
      await until('it runs', () => stops.at(-1)?.resumedBy === 'continue');
    }
    await listening.unlisten();
    await connection.close();
    await until('the host is gone', () => hostPids(target.pid).length === 0);
    expect(target.isRunning).toBe(true);
  });

  it('keeps its agent when its host is killed, and gets another', async () => {
    const connection = await open();
    const tick = { pattern: 'clock.tick', request: { period: 1e6 } } as const;
    await connection.open(tick).ready;
    const notices: string[] = [];
    connection.notices$.subscribe(({ kind }) => notices.push(kind));
    for (const pid of hostPids(target.pid)) process.kill(pid, 'SIGKILL');
    await until('the notice', () => notices.includes('host-lost'));
    expect(connection.sides).toEqual({ agent: true, host: false });
    const again = connection.open(tick);
    const { events } = collect(again);
    await again.ready;
    await until('ticks', () => events.length > 0);
    await connection.close();
    await until('the host is gone', () => hostPids(target.pid).length === 0);
  });

  it('ends when the process ends, with the exit code that its agent told', async () => {
    await using other = await startScript(`console.log('ready'); process.on('SIGUSR2', () => process.exit(7)); setInterval(() => {}, 100);`); // prettier-ignore
    const connection = await session.open(other.pid, { timeoutMs });
    await connection.open({ pattern: 'clock.tick', request: { period: 1e6 } }).ready;
    other.child.kill('SIGUSR2');
    expect(await connection.ended).toMatchObject({ reason: 'bye', bye: { reason: 'exit', exitCode: 7 } }); // prettier-ignore
    await until('the host is gone', () => hostPids(other.pid).length === 0);
    expect(socketsOf(other.pid)).toEqual([]);
  });
});
