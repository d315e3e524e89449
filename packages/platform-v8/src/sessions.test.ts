import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  captureStacks,
  connectToMainThread,
  connectWebSocket,
  evaluateSnippet,
  ScriptTable,
  startRollingProfile,
  workerSessions,
} from './index.ts';
import type { CdpSession, ProfileWindow, WorkerThread } from './index.ts';

const fixture = new URL('../fixtures/busy.mjs', import.meta.url).pathname;
let child: ChildProcess;
let session: CdpSession;

async function inspectorUrl(process_: ChildProcess): Promise<string> {
  for await (const chunk of process_.stderr ?? []) {
    const url = /ws:\/\/\S+/.exec(String(chunk))?.[0];
    if (url !== undefined) return url;
  }
  throw new Error('the fixture opened no inspector');
}

/** Asks again and again until it is true; the test's own limit is the end. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await delay(5);
}

beforeAll(async () => {
  child = spawn(process.execPath, ['--inspect=127.0.0.1:0', fixture], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  session = await connectWebSocket(await inspectorUrl(child));
  let top = '';
  while (top !== 'spin')
    top = (await captureStacks(session, 1, 0))[0]?.frames[0]?.functionName ?? '';
});
afterAll(() => {
  session.close();
  child.kill('SIGKILL');
});

describe('a session with a thread that spins', () => {
  it('evaluates our snippets and tells when they throw', async () => {
    await expect(evaluateSnippet(session, 'marker', 'globalThis.marker')).resolves.toBe('busy');
    await expect(evaluateSnippet(session, 'bad', 'nothing.here')).rejects.toMatchObject({
      code: 'EE_V8_EVALUATE',
    });
  });

  it('refuses unknown commands with a code', async () => {
    await expect(session.post('Nothing.here' as 'Runtime.enable')).rejects.toMatchObject({
      code: 'EE_V8_COMMAND',
    });
  });

  it('captures interrupt stacks with places and the start of functions, without our own frame', async () => {
    const stacks = await captureStacks(session, 5, 1);
    expect(stacks).toHaveLength(5);
    for (const { frames, timestampNs, latencyNs } of stacks) {
      expect(frames[0]).toMatchObject({
        functionName: 'spin',
        url: `file://${fixture}`,
        functionLine: 7,
        functionColumn: 1,
      });
      expect(frames[0]?.line).toBeGreaterThanOrEqual(9);
      expect(latencyNs).toBeGreaterThan(0);
      expect(timestampNs).toBeLessThan(Number(process.hrtime.bigint()));
    }
  });

  it('leaves Error.stackTraceLimit and Error.prepareStackTrace as the program set them', async () => {
    await evaluateSnippet(
      session,
      'set',
      'Error.stackTraceLimit = 3; Error.prepareStackTrace = () => "mine"; 0',
    );
    const [stack] = await captureStacks(session, 1, 0);
    expect(stack?.frames[0]?.functionName).toBe('spin');
    const now = await evaluateSnippet(
      session,
      'get',
      '[Error.stackTraceLimit, Error.prepareStackTrace()]',
    );
    expect(now).toEqual([3, 'mine']);
    await evaluateSnippet(
      session,
      'unset',
      'Error.stackTraceLimit = 10; delete Error.prepareStackTrace; 0',
    );
  });

  it('rolls a profile without a gap, on the clock of process.hrtime, unmoved by replaced globals', async () => {
    await evaluateSnippet(
      session,
      'replace',
      'globalThis.profile = globalThis.console = undefined; 0',
    );
    const windows: ProfileWindow[] = [];
    const beforeNs = Number(process.hrtime.bigint());
    const profile = await startRollingProfile(
      session,
      { frequencyHz: 500, rollMs: 100 },
      (window) => {
        windows.push(window);
      },
    );
    await until(() => windows.length >= 3);
    await profile.stop();
    await profile.stop();
    const afterNs = Number(process.hrtime.bigint());
    const [first, second, third] = windows;
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('no windows');
    expect(first.fromNs).toBeGreaterThan(beforeNs);
    expect(third.toNs).toBeLessThan(afterNs);
    // The next profile starts before the last one ends.
    expect(second.fromNs).toBeLessThanOrEqual(first.toNs);
    expect(third.fromNs).toBeLessThanOrEqual(second.toNs);
    expect(second.samples.length).toBeGreaterThan(5);
    expect(second.timesNs).toHaveLength(second.samples.length);
    const names = second.samples.map((node) => node.functionName);
    expect(names.every((name) => name !== '(idle)')).toBe(true);
    const count = windows.length;
    await delay(250);
    expect(windows).toHaveLength(count);
  });

  it('starts a profile while the last one of the session is still ending', async () => {
    const windows: ProfileWindow[] = [];
    const options = { frequencyHz: 500, rollMs: 50 };
    const first = await startRollingProfile(session, options, () => undefined);
    const ended = first.stop();
    const second = await startRollingProfile(session, options, (window) => {
      windows.push(window);
    });
    await ended;
    await until(() => windows.length >= 2);
    await second.stop();
    expect(windows[1]?.samples.length).toBeGreaterThan(0);
  });

  it("ignores other people's console profiles", async () => {
    const windows: ProfileWindow[] = [];
    const profile = await startRollingProfile(
      session,
      { frequencyHz: 500, rollMs: 1e6 },
      (window) => {
        windows.push(window);
      },
    );
    const theirs = `const c = process.getBuiltinModule('node:inspector').console; c.profile('theirs'); c.profileEnd('theirs'); 0`;
    await evaluateSnippet(
      session,
      'theirs',
      `(() => { ${theirs.replace(/ 0$/, ' return 0;')} })()`,
    );
    await profile.roll();
    await until(() => windows.length > 0);
    expect(windows).toHaveLength(1);
    await profile.stop();
  });

  it('fills the script table once somebody switches the debugger on', async () => {
    using table = new ScriptTable(session);
    expect(table.note('7', 'node:fs')).toMatchObject({ isInternal: true, hash: '' });
    await session.post('Debugger.enable');
    await until(() => table.byUrl(fixture).length > 0);
    await session.post('Debugger.disable');
    const [script] = table.byUrl(`file://${fixture}`);
    expect(script).toMatchObject({ url: `file://${fixture}`, startLine: 1, isInternal: false });
    expect(script?.hash).not.toBe('');
    expect(table.tryGet(script?.scriptId ?? '')).toBe(script);
  });

  it('reaches its worker threads, with their own ids and names', async () => {
    const workers = new Map<string, WorkerThread>();
    const gone: string[] = [];
    const watching = await workerSessions(session, {
      attached: (worker) => void workers.set(worker.name, worker),
      detached: ({ name }) => void gone.push(name),
    });
    await until(() => workers.size === 2);
    const spinning = workers.get('spinning');
    if (spinning === undefined)
      throw new Error(`no worker named spinning: ${[...workers.keys()].join()}`);
    expect(spinning.subject.threadId).toBe(1);
    expect(spinning.subject.tid).not.toBe(child.pid);
    await expect(
      evaluateSnippet(
        spinning.session,
        'id',
        `process.getBuiltinModule('node:worker_threads').threadId`,
      ),
    ).resolves.toBe(1);
    const text = 'naïve – 十三 🎲';
    await expect(evaluateSnippet(spinning.session, 'text', `'${text}'.normalize()`)).resolves.toBe(
      text,
    );
    const pending = spinning.session.post('Runtime.evaluate', {
      expression: 'new Promise(() => {})',
      awaitPromise: true,
    });
    watching[Symbol.dispose]();
    await expect(pending).rejects.toMatchObject({ code: 'EE_V8_CLOSED' });
    expect(gone.toSorted()).toEqual([...workers.keys()].toSorted());
  });

  it('tells its listeners when it closes, and refuses commands afterwards', async () => {
    const second = spawn(process.execPath, ['--inspect=127.0.0.1:0', fixture], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const other = await connectWebSocket(await inspectorUrl(second));
    const closed = new Promise<void>((resolve) => void other.onClosed(resolve));
    const pending = other.post('Runtime.evaluate', {
      expression: 'new Promise(() => {})',
      awaitPromise: true,
    });
    second.kill('SIGKILL');
    await expect(pending).rejects.toMatchObject({ code: 'EE_V8_CLOSED' });
    await closed;
    expect(other.isClosed).toBe(true);
    await expect(other.post('Runtime.enable')).rejects.toMatchObject({ code: 'EE_V8_CLOSED' });
    other.close();
  });
});

describe('connecting', () => {
  it('tells refused from unanswered', async () => {
    await expect(connectWebSocket('ws://127.0.0.1:1/x')).rejects.toMatchObject({
      code: 'EE_V8_CONNECT',
    });
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    await expect(
      connectWebSocket(`ws://127.0.0.1:${port}/x`, { timeoutMs: 100 }),
    ).rejects.toMatchObject({ code: 'EE_V8_TIMEOUT' });
    silent.close();
  });

  it('to the main thread works in a worker thread only', async () => {
    expect(() => connectToMainThread()).toThrow(
      expect.objectContaining({ code: 'EE_V8_NOT_A_WORKER' }),
    );
    const observed = spawn(process.execPath, [fixture, 'observed'], {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    });
    // The main thread spins on: what the worker says is one write.
    const [said] = (await once(observed.stdio[3] as Readable, 'data')) as [Buffer];
    observed.kill('SIGKILL');
    const seen = JSON.parse(said.toString()) as object;
    expect(seen).toEqual({
      marker: 'busy',
      top: 'spin',
      workers: [],
      refused: 'EE_V8_COMMAND',
      closed: 'EE_V8_CLOSED',
      after: 'EE_V8_CLOSED',
    });
  });
});
