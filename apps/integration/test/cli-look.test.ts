import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Child, childrenOf, fixture, startFixture } from './support-cli/child.ts';
import { extev, readLines, startExtev } from './support-cli/extev.ts';

interface Listed {
  pid: number;
  name: string;
  runtime: string;
  agent: string;
  threads: { tid: number; threadId: number | null; name: string }[];
}

async function listProcess(pid: number): Promise<Listed | undefined> {
  const { code, stdout } = await extev('ls', '--json');
  expect(code).toBe(0);
  const [document] = readLines(stdout);
  expect(Object.keys(document ?? {})).toEqual(['v', 'processes']);
  expect(document?.['v']).toBe(1);
  const { processes = [] } = (document ?? {}) as { processes?: Listed[] };
  return processes.find((entry) => entry.pid === pid);
}

describe('a process without an agent', () => {
  it('is looked at by ls, events, plugins and doctor, and never touched', async () => {
    await using plain = startFixture('plain.mjs');
    await plain.says('ready');
    const pid = String(plain.pid);
    const listed = await listProcess(plain.pid);
    expect(Object.keys(listed ?? {})).toEqual(['pid', 'name', 'runtime', 'agent', 'threads']);
    expect(listed).toMatchObject({ name: 'plain.mjs', agent: 'none' });
    expect(listed?.runtime).toMatch(/^node\b/);
    expect(listed?.threads.find((thread) => thread.tid === plain.pid)?.threadId).toBe(0);
    const helpers = listed?.threads.filter((thread) => thread.tid !== plain.pid) ?? [];
    expect(helpers.every((thread) => thread.threadId === null)).toBe(true);

    const events = await extev('events', pid);
    expect(events.code).toBe(0);
    expect(events.stdout).toMatch(/^hot-spot +requested +hot-spot +0 +0 +installed$/m);
    expect(events.stderr).toContain(`process ${pid} is not attached`);
    const doctor = await extev('doctor', pid);
    expect(doctor.code).toBe(0);
    expect(doctor.stdout).toMatch(/ok {2}agent: none yet/);
    expect((await extev('plugins')).code).toBe(0);
    expect((await extev('ls')).stdout).toMatch(new RegExp(`^${pid} +plain\\.mjs .* none$`, 'm'));

    expect((await listProcess(plain.pid))?.agent).toBe('none');
    expect(plain.stderr).toBe(''); // SIGUSR1 would have made Node speak
  });

  it('shows event types with fields and units as JSON', async () => {
    // Without a process it would tell of the listeners of all, those of other tests too.
    await using plain = startFixture('plain.mjs');
    await plain.says('ready');
    const { stdout } = await extev('events', String(plain.pid), 'hot-spot', '--json');
    const [document] = readLines(stdout);
    const events = document?.['events'] as Record<string, unknown>[];
    expect(document?.['v']).toBe(1);
    expect(events).toHaveLength(1);
    expect(Object.keys(events[0] ?? {})).toEqual(['name', 'kind', 'producer', 'description', 'fields', 'listeners']); // prettier-ignore
    expect(events[0]).toMatchObject({ name: 'hot-spot', kind: 'requested', producer: 'hot-spot', listeners: 0 }); // prettier-ignore
    expect(events[0]?.['fields']).toContainEqual({ name: 'windowMs', type: 'f64', unit: 'ms' });
  });

  it('shows parameters with -l', async () => {
    const { stdout } = await extev('events', 'hot-spot', '-l');
    expect(stdout).toMatch(/^ {2}share +f64 /m);
    expect(stdout).toMatch(/^ {4}share +f64 .*default 0\.\d+/m);
  });

  it('says when nothing matches', async () => {
    const { code, stderr, stdout } = await extev('events', 'no.such-*');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('No event type matches no.such-*.');
  });
});

describe('a process with an agent', () => {
  it('shows its threads with Node’s numbers, its consumers and its event types', async () => {
    await using poster = startFixture('poster.mjs');
    poster.tell('worker');
    await poster.says('worker online');
    await using listener = startExtev(['listen', String(poster.pid), 'story.prime']);
    await listener.says('listening to');

    const listed = await listProcess(poster.pid);
    expect(listed).toMatchObject({ name: 'poster.mjs', agent: 'attached' });
    expect(listed?.threads).toHaveLength(2);
    expect(listed?.threads).toContainEqual({ tid: poster.pid, threadId: 0, name: 'main' });
    const worker = listed?.threads.find((thread) => thread.threadId !== 0);
    expect(worker?.threadId).toBeGreaterThan(0);
    expect(worker?.name).toMatch(/\w/);
    expect((await extev('ls')).stdout).toMatch(new RegExp(`^${poster.pid} +poster\\.mjs .* attached +1$`, 'm')); // prettier-ignore

    poster.tell('post 7');
    await listener.says('n=7');
    const { stdout } = await extev('events', String(poster.pid), 'story.*');
    expect(stdout).toMatch(new RegExp(`^story\\.prime +filtered .* 1 +7 +${poster.pid}$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^story\\.other +filtered .* 0 +0 +${poster.pid}$`, 'm'));
    const doctor = await extev('doctor', '-n', 'poster.mjs');
    expect(doctor.stdout).toMatch(/ok {2}agent: an agent answers/);
  });
});

describe('extev plugins', () => {
  it('lists what manifests say, as text and as JSON', async () => {
    const [document] = readLines((await extev('plugins', '--json')).stdout);
    const plugins = document?.['plugins'] as Record<string, unknown>[];
    const hotSpot = plugins.find((plugin) => plugin['id'] === 'hot-spot');
    expect(hotSpot).toMatchObject({ package: '@extension-events/producer-hot-spot', role: 'producer', placement: 'agent' }); // prettier-ignore
    expect(hotSpot?.['events']).toContain('hot-spot');
    const { stdout } = await extev('plugins');
    expect(stdout).toContain('posts hot-spot, ');
  });
});

async function refusal(pid: number): Promise<Record<string, unknown>> {
  const { code, stdout } = await extev('doctor', String(pid), '--json');
  expect(code).toBe(1);
  const [document] = readLines(stdout);
  const checks = document?.['checks'] as Record<string, unknown>[];
  const failed = checks.filter((check) => check['ok'] === false);
  expect(failed).toHaveLength(1);
  expect(failed[0]?.['remedy']).toMatch(/\w/);
  return failed[0] ?? {};
}

describe('extev doctor', () => {
  it('explains a pid that nobody has', async () => {
    expect(await refusal(4_000_000_000)).toMatchObject({ code: 'EE_NO_PROCESS' });
  });

  it('explains a process that is not Node.js', async () => {
    await using sleeper = new Child('sleep', ['1000']);
    const { code, stdout } = await extev('doctor', String(sleeper.pid));
    expect(code).toBe(0);
    expect(stdout).toContain(`ok  target: process ${sleeper.pid} runs no Node.js: the kernel's events can be heard and caught there`); // prettier-ignore
  });

  it('explains a stopped process, and leaves it stopped', async () => {
    await using plain = startFixture('plain.mjs');
    await plain.says('ready');
    process.kill(plain.pid, 'SIGSTOP');
    expect(await refusal(plain.pid)).toMatchObject({ code: 'EE_ATTACH_STOPPED', remedy: expect.stringContaining('kill -CONT') as string }); // prettier-ignore
  });

  it('explains a program that does not take the signal', async () => {
    await using deaf = new Child(process.execPath, ['--disable-sigusr1', fixture('plain.mjs')]);
    await deaf.says('ready');
    expect(await refusal(deaf.pid)).toMatchObject({ what: 'signal', code: 'EE_ATTACH_SIGUSR1_DISABLED', remedy: expect.stringContaining('--import @extension-events/agent/register') as string }); // prettier-ignore
  });

  it('names the holder of the inspector port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await using plain = new Child(process.execPath, [
      `--inspect-port=${port}`,
      fixture('plain.mjs'),
    ]);
    await plain.says('ready');
    const found = await refusal(plain.pid);
    server.close();
    expect(found).toMatchObject({ what: 'inspector port', code: 'EE_ATTACH_PORT_BUSY' });
    expect(found['detail']).toContain(`process ${process.pid}`);
    expect(plain.stderr).toBe('');
  });

  it('explains a main thread inside a blocking call', async () => {
    const script = `require('fs').writeSync(1, 'ready'); require('child_process').execFileSync('sleep', ['1000'])`;
    await using blocked = new Child(process.execPath, ['-e', script]);
    await blocked.says('ready');
    // The child process is started a moment after the word.
    for (;;) {
      const { stdout } = await extev('doctor', String(blocked.pid), '--json');
      if (stdout.includes('EE_ATTACH_BLOCKED')) break;
    }
    expect(blocked.stderr).toBe('');
    for (const pid of childrenOf(blocked.pid)) process.kill(pid, 'SIGKILL');
  });
});

describe('targets by name', () => {
  it('are refused when nobody or several have it', async () => {
    const unknown = await extev('events', '-n', 'no-such-program.mjs');
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toMatch(/^EE_NAME_UNKNOWN: .*\nhint: extev ls/);
    await using one = startFixture('plain.mjs');
    await using two = startFixture('plain.mjs');
    await Promise.all([one.says('ready'), two.says('ready')]);
    const several = await extev('listen', '-n', 'plain.mjs', 'story.*');
    expect(several.code).toBe(1);
    expect(several.stderr).toContain(String(one.pid));
    expect(several.stderr).toContain(String(two.pid));
    const near = await extev('events', '-n', 'plain');
    expect(near.stderr).toContain(`plain.mjs (${one.pid})`);
  });

  it('by pid say why a process is not among them', async () => {
    const { code, stderr } = await extev('events', '4000000000');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^EE_NO_PROCESS: .*\nhint: /);
  });
});
