import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  attachAgent,
  type AttachOptions,
  type AttachResult,
  listProcesses,
} from '@extension-events/session';
import { afterEach, describe, expect, it } from 'vitest';
import {
  endTargets,
  fixture,
  injectionLines,
  listeningPorts,
  maskInspectorLines,
  removeSocket,
  socketOf,
  standInAgent,
  startTarget,
  until,
} from './attach-target.ts';

// Every target here opens its inspector on any free port, so that these tests need not queue.
const anyPort = '--inspect-port=0';
const patience = { agentThreadFile: standInAgent, timeoutMs: 60_000 };
const attach = (pid: number, options: Partial<AttachOptions> = {}): Promise<AttachResult> =>
  attachAgent(pid, { ...patience, ...options });
const isRoot = process.geteuid?.() === 0;

afterEach(endTargets);

describe('a process without an agent gets one', () => {
  it.each([
    ['idle, CommonJS', 'target.cjs', 'idle', 'SIGTERM', 7],
    ['idle, ES module', 'target.mjs', 'idle', 'SIGTERM', 7],
    ['in for(;;){}', 'target.cjs', 'hot', 'SIGKILL', 'SIGKILL'],
    ['in Atomics.wait', 'target.cjs', 'atomics-wait', 'SIGKILL', 'SIGKILL'],
    ['with worker threads', 'target.cjs', 'workers', 'SIGTERM', 7],
  ] as const)('%s', async (_what, file, mode, signal, exit) => {
    const target = await startTarget([anyPort, fixture(file), mode]);
    expect(await attach(target.pid)).toEqual({ socketPath: socketOf(target.pid), injected: true });
    // The agent inherits neither NODE_OPTIONS nor flags of the program.
    expect(await ask(socketOf(target.pid))).toBe('ok no options 0');
    expect(listeningPorts(target.pid)).toEqual([]);
    expect(await target.end(signal)).toBe(exit);
    expect(target.stdout()).toBe('ready\n');
    expect(maskInspectorLines(target.stderr())).toEqual(injectionLines);
  });

  it('whose program is called differently', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ee-renamed-'));
    const file = join(directory, 'my-service');
    cpSync(process.execPath, file);
    try {
      const target = await startTarget([anyPort, fixture('target.cjs')], { file });
      expect(await attach(target.pid)).toMatchObject({ injected: true });
      expect(await target.end()).toBe(7);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('that was started a moment ago', async () => {
    // Not ready yet: SIGUSR1 would still kill it when the attach begins.
    const target = await startTarget([anyPort, fixture('target.cjs')], { ready: /^/ });
    expect(await attach(target.pid)).toMatchObject({ injected: true });
    await target.says(/^ready$/m);
    expect(await target.end()).toBe(7);
  });

  it.skipIf(!isRoot)('that belongs to another user, when we are root', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ee-other-user-'));
    chmodSync(directory, 0o755);
    const agentThreadFile = join(directory, 'agent.mjs');
    cpSync(standInAgent, agentThreadFile);
    const uid = 65_534;
    try {
      const target = await startTarget([anyPort, fixture('target.cjs')], { uid, gid: uid });
      const { socketPath } = await attach(target.pid, { agentThreadFile });
      expect(dirname(socketPath)).toContain(String(uid));
      expect(await ask(socketPath)).toContain('ok');
      chmodSync(directory, 0o700);
      const another = await startTarget([anyPort, fixture('target.cjs')], { uid, gid: uid });
      await expect(attach(another.pid, { agentThreadFile })).rejects.toMatchObject({
        code: 'EE_ATTACH_AGENT_FILE',
        message: expect.stringContaining(directory),
      });
      expect(another.stderr()).toBe('');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('a process with an agent', () => {
  it('is not touched again', async () => {
    const target = await startTarget([anyPort, fixture('target.cjs')]);
    await attach(target.pid);
    const said = target.stderr();
    expect(await attach(target.pid)).toEqual({ socketPath: socketOf(target.pid), injected: false });
    expect(target.stderr()).toBe(said);
  });

  it('that many attach to at once is injected once', async () => {
    const target = await startTarget([anyPort, fixture('target.cjs')]);
    const results = await Promise.all(Array.from({ length: 6 }, () => attach(target.pid)));
    expect(results.filter(({ injected }) => injected)).toHaveLength(1);
    await target.end();
    expect(maskInspectorLines(target.stderr())).toEqual(injectionLines);
  });

  it('whose agent died gets a new one, also in for(;;){}, where nobody saw it die', async () => {
    for (const mode of ['idle', 'hot']) {
      const target = await startTarget([anyPort, fixture('target.cjs'), mode]);
      await attach(target.pid);
      removeSocket(target.pid);
      expect(await attach(target.pid)).toMatchObject({ injected: true });
      expect(await ask(socketOf(target.pid))).toContain('ok');
      expect(listeningPorts(target.pid)).toEqual([]);
    }
  });

  it('is listed as attached, one without as none, others not at all', async () => {
    const target = await startTarget([anyPort, fixture('target.cjs'), 'workers']);
    const other = await startTarget([anyPort, fixture('target.mjs')]);
    const titled = await startTarget([anyPort, fixture('target.cjs'), 'title']);
    const sleep = await startTarget(['-c', 'echo ready; exec sleep 600'], { file: '/bin/sh' });
    await attach(target.pid);
    const entries = await listProcesses();
    const find = (pid: number): unknown => entries.find((entry) => entry.pid === pid);
    expect(find(target.pid)).toMatchObject({
      name: 'target.cjs',
      runtime: expect.stringMatching(/^node( \d+\.\d+\.\d+)?$/),
      agent: 'attached',
      socketPath: socketOf(target.pid),
      threads: expect.arrayContaining([{ tid: target.pid, name: expect.any(String) }]),
    });
    expect(find(other.pid)).toMatchObject({ name: 'target.mjs', agent: 'none' });
    expect(find(titled.pid)).toMatchObject({ name: 'my service', agent: 'none' });
    expect(find(sleep.pid)).toBeUndefined();
    expect(other.stderr()).toBe('');
    const path = socketOf(target.pid);
    await target.end('SIGKILL');
    expect((await listProcesses()).some(({ pid }) => pid === target.pid)).toBe(false);
    expect(readdirSync(dirname(path))).not.toContain(path.slice(dirname(path).length + 1));
  });
});

describe('process.debugPort and a later SIGUSR1', () => {
  it('are as if nobody had attached', async () => {
    const target = await startTarget([anyPort, fixture('target.cjs'), 'debug-port']);
    await attach(target.pid);
    target.child.stdin?.write('?');
    expect((await target.says(/debugPort (\d+)/))[1]).toBe('0');
    process.kill(target.pid, 'SIGUSR1');
    await until(() => target.stderr().split('Debugger listening').length === 3);
  });
});

describe('a process under --inspect', () => {
  it('is not signalled and keeps its inspector', async () => {
    const target = await startTarget(['--inspect=0', fixture('target.cjs'), 'debug-port']);
    const before = listeningPorts(target.pid);
    expect(await attach(target.pid)).toMatchObject({ injected: true });
    expect(listeningPorts(target.pid)).toEqual(before);
    target.child.stdin?.write('?');
    expect((await target.says(/debugPort (\d+)/))[1]).toBe(String(before[0]));
    expect(target.stderr().split('Debugger listening')).toHaveLength(2);
  });
});

describe("the program's own servers", () => {
  it('see no request', async () => {
    const target = await startTarget([anyPort, fixture('target.cjs'), 'server']);
    await target.says(/^port \d+$/m);
    await attach(target.pid);
    expect(target.stdout()).not.toContain('/json');
    expect(listeningPorts(target.pid)).toHaveLength(1);
  });
});

describe('a refusal', () => {
  it('of a program that handles SIGUSR1 says that its handler ran', async () => {
    const target = await startTarget([anyPort, fixture('target.cjs'), 'handler']);
    const refusal = await refusalOf(target.pid);
    expect(refusal.code).toBe('EE_ATTACH_SIGUSR1_HANDLED');
    expect(refusal.hint).toContain('--import @extension-events/agent/register');
    await target.says(/^SIGUSR1$/m);
    expect(await target.end()).toBe(7);
    expect(target.stderr()).toBe('');
  });

  // Node 20 does not have the option.
  const canDisable = process.allowedNodeEnvironmentFlags.has('--disable-sigusr1');
  it.skipIf(!canDisable)(
    'of a program that does not take SIGUSR1 comes before any signal',
    async () => {
      const target = await startTarget(['--disable-sigusr1', fixture('target.cjs')]);
      expect((await refusalOf(target.pid)).code).toBe('EE_ATTACH_SIGUSR1_DISABLED');
      expect(await target.end()).toBe(7);
      expect(target.stderr()).toBe('');
    },
  );

  it('of another program says what it is, and does not hurt it', async () => {
    const target = await startTarget(['-c', 'echo ready; exec sleep 600'], { file: '/bin/sh' });
    await until(() => readFileSync(`/proc/${target.pid}/comm`, 'utf8') === 'sleep\n');
    expect(await refusalOf(target.pid)).toMatchObject({
      code: 'EE_NOT_NODE',
      message: expect.stringMatching(/\/(sleep|coreutils|busybox)/),
    });
    expect(target.child.exitCode).toBeNull();
  });

  it('of a stopped process names the command that continues it', async () => {
    const target = await startTarget([anyPort, fixture('target.cjs')]);
    process.kill(target.pid, 'SIGSTOP');
    await until(() => / T /.test(readFileSync(`/proc/${target.pid}/stat`, 'utf8')));
    expect(await refusalOf(target.pid)).toMatchObject({
      code: 'EE_ATTACH_STOPPED',
      hint: expect.stringContaining(`kill -CONT ${target.pid}`),
    });
    process.kill(target.pid, 'SIGCONT');
    expect(await target.end()).toBe(7);
    expect(target.stderr()).toBe('');
  });

  it('of a process in a synchronous call names the call, and nothing was signalled', async ({
    skip,
  }) => {
    if (readFileSync(`/proc/${process.pid}/syscall`, 'utf8') === '') skip('no /proc/PID/syscall');
    for (const [mode, call] of [
      ['exec-sync', 'child process'],
      ['read-sync', 'read'],
    ] as const) {
      const target = await startTarget([anyPort, fixture('target.cjs'), mode]);
      await until(() => isInCall(target.pid, mode));
      const refusal = await refusalOf(target.pid, { timeoutMs: 1500 });
      expect(refusal.code).toBe('EE_ATTACH_BLOCKED');
      expect(refusal.message).toContain(call);
      target.child.stdin?.end();
      await target.says(/^done$/m);
      expect(await target.end()).toBe(7);
      expect(target.stderr()).toBe('');
    }
  });

  it('of an agent that fails hands on what it said', async () => {
    const target = await startTarget([anyPort, fixture('target.cjs')]);
    const refusal = await refusalOf(target.pid, { agentThreadFile: fixture('throwing-agent.mjs') });
    expect(refusal.code).toBe('EE_ATTACH_REFUSED');
    expect(refusal.message).toContain('this agent does not start');
    expect(listeningPorts(target.pid)).toEqual([]);
    // The failure is over: the next attach works.
    expect(await attach(target.pid)).toMatchObject({ injected: true });
    expect(await target.end()).toBe(7);
    expect(target.stdout()).toBe('ready\n');
  });

  it('of an agent that never listens leaves no port and no note behind', async () => {
    const target = await startTarget([anyPort, fixture('target.cjs')]);
    const agentThreadFile = fixture('silent-agent.mjs');
    expect((await refusalOf(target.pid, { agentThreadFile, timeoutMs: 3000 })).code).toBe(
      'EE_ATTACH_AGENT',
    );
    expect(listeningPorts(target.pid)).toEqual([]);
    const path = socketOf(target.pid);
    expect(readdirSync(dirname(path)).filter((name) => name.startsWith(`${target.pid}-`))).toEqual(
      [],
    );
  });

  it('of an agent file that is not there comes before any signal', async () => {
    const target = await startTarget([anyPort, fixture('target.cjs')]);
    const refusal = await refusalOf(target.pid, { agentThreadFile: '/nowhere/agent.mjs' });
    expect(refusal.code).toBe('EE_ATTACH_AGENT_FILE');
    expect(target.stderr()).toBe('');
  });

  it.each([0, -1, 1.5, 4_194_305, Number.NaN])(
    'of the pid %d says that there is none',
    async (pid) => {
      expect((await refusalOf(pid)).code).toBe('EE_NO_PROCESS');
    },
  );

  it('of a thread number names the process', async () => {
    const target = await startTarget([anyPort, fixture('target.cjs')]);
    const tid = readdirSync(`/proc/${target.pid}/task`).find((name) => Number(name) !== target.pid);
    expect((await refusalOf(Number(tid))).message).toContain(`thread of process ${target.pid}`);
  });

  it('of this process points to the local session', async () => {
    expect((await refusalOf(process.pid)).code).toBe('EE_ATTACH_SELF');
  });

  it.skipIf(!isRoot)("of somebody else's process says whose it is", async ({ skip }) => {
    const target = await startTarget([anyPort, fixture('target.cjs')]);
    const uid = 65_534;
    const args = ['--conditions=@extension-events/source', fixture('attacher.mjs')];
    const attacher = await startTarget([...args, String(target.pid), standInAgent], {
      ready: /\n/,
      uid,
      gid: uid,
    }).catch(() => skip('another user cannot read this checkout'));
    await attacher.says(/^hint: .*\n/m);
    expect(attacher.stdout()).toContain(
      `EE_ATTACH_PERMISSION: Process ${target.pid} belongs to uid 0, and this is uid ${uid}`,
    );
    expect(attacher.stdout()).toContain('sudo');
    expect(target.stderr()).toBe('');
  });

  it.skipIf(!isRoot)(
    'of a process in another network namespace tells how to go in',
    async ({ skip }) => {
      const target = await startTarget(['-n', process.execPath, fixture('target.cjs')], {
        file: 'unshare',
      }).catch(() => skip('no right to make a network namespace'));
      expect(await refusalOf(target.pid)).toMatchObject({
        code: 'EE_OTHER_NAMESPACE',
        message: expect.stringContaining('network namespace'),
        hint: expect.stringContaining('--import @extension-events/agent/register'),
      });
    },
  );
});

describe('a caller', () => {
  it('who gives up gets the inspector closed first', async () => {
    const steps = [
      'wait for the attach lock',
      'wait for the inspector',
      'start the agent thread',
    ] as const;
    for (const last of [...steps, 'close the inspector', 'wait for the agent'] as const) {
      const target = await startTarget([anyPort, fixture('target.cjs')]);
      const abort = new AbortController();
      const onStep = (step: string): void => {
        if (step === last) abort.abort(new Error('enough'));
      };
      const refusal = await refusalOf(target.pid, { signal: abort.signal, onStep });
      expect(refusal).toMatchObject({
        code: 'EE_ATTACH_ABORTED',
        message: expect.stringContaining(last),
      });
      // Whatever was under way when the caller left is finished by the next attach.
      await attach(target.pid);
      expect(listeningPorts(target.pid)).toEqual([]);
      expect(await target.end()).toBe(7);
    }
  });

  it('is told at which step the time was over', async () => {
    const target = await startTarget([anyPort, fixture('target.cjs')]);
    const refusal = await refusalOf(target.pid, {
      timeoutMs: 400,
      onStep: async (step) => {
        if (step !== 'wait for the inspector port') return;
        await new Promise((resolve) => {
          setTimeout(resolve, 500);
        });
      },
    });
    expect(refusal.code).toBe('EE_ATTACH_TIMEOUT');
    expect(refusal.message).toContain('step: wait for the inspector port');
    expect(target.stderr()).toBe('');
  });
});

describe('a process that vanishes', () => {
  const steps = [
    'look for a running agent',
    'look at the process',
    'wait for the attach lock',
    'wait for the inspector port',
    'signal',
    'wait for the inspector',
    'connect to the inspector',
    'start the agent thread',
    'close the inspector',
    'wait for the agent',
  ] as const;

  it.each(steps)('at the step "%s" is said to have ended', async (last) => {
    const target = await startTarget([anyPort, fixture('target.cjs')]);
    let seen = false;
    const refusal = await refusalOf(target.pid, {
      onStep: async (step) => {
        if (step !== last || seen) return;
        seen = true;
        await target.end('SIGKILL');
      },
    });
    expect(seen).toBe(true);
    expect(refusal).toMatchObject({
      code: 'EE_NO_PROCESS',
      message: expect.stringContaining(last),
    });
  });
});

interface Refusal {
  code: string;
  message: string;
  hint: string;
}

async function refusalOf(pid: number, options: Partial<AttachOptions> = {}): Promise<Refusal> {
  const result = await attach(pid, options).catch((error: unknown) => error as Refusal);
  if ('socketPath' in result) throw new Error('it was accepted');
  return result;
}

function ask(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    connect(path)
      .on('data', (part) => (text += part.toString()))
      .on('end', () => resolve(text))
      .on('error', reject);
  });
}

function isInCall(pid: number, mode: 'exec-sync' | 'read-sync'): boolean {
  if (mode === 'read-sync')
    return readFileSync(`/proc/${pid}/syscall`, 'utf8').startsWith('0 0x0 ');
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8') !== '';
}
