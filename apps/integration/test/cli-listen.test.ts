import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Child, startFixture, until } from './support-cli/child.ts';
import { extev, main, readLines, startExtev } from './support-cli/extev.ts';

async function startPoster(): Promise<Child> {
  const poster = startFixture('poster.mjs');
  poster.tell('ready?');
  await poster.says('ready');
  return poster;
}

describe('extev listen', () => {
  it('prints every event once, in order and in shape, and a summary last', async () => {
    await using poster = await startPoster();
    await using listener = startExtev(['listen', String(poster.pid), 'story.prime', '--json']);
    await listener.says('listening to');
    poster.tell('post 1009');
    await poster.says('posted 1009');
    poster.tell('exit 5');
    const { code, stderr, stdout } = await listener.outcome;
    const lines = readLines(stdout);
    const summary = lines.pop();
    expect(lines).toHaveLength(1009);
    expect(Object.keys(lines[0] ?? {})).toEqual(['v', 'event', 'pid', 'tid', 'timestampNs', 'seq', 'payload']); // prettier-ignore
    expect(lines[0]).toMatchObject({ v: 1, event: 'story.prime', pid: poster.pid, tid: poster.pid, seq: 1 }); // prettier-ignore
    expect(lines[0]?.['payload']).toEqual({ n: 1, bytes: '10000000000', text: 'p1' });
    expect(lines.map((line) => line['seq'])).toEqual(lines.map((_, i) => i + 1));
    expect(typeof lines[0]?.['timestampNs']).toBe('number');
    expect(summary).toEqual({ v: 1, summary: { matched: 1009, delivered: 1009, lost: 0, throttled: 0 } }); // prettier-ignore
    expect(code).toBe(0);
    expect(stderr).toContain(`process ${poster.pid} exited with status 5`);
  });

  it('takes several patterns and a predicate', async () => {
    await using poster = await startPoster();
    const args = ['-p', String(poster.pid), 'story.other', 'story.pr*', '--where', 'n % 101 == 0'];
    await using listener = startExtev(['listen', ...args, '--json']);
    await listener.says('listening to');
    poster.tell('post 1009');
    await poster.says('posted 1009');
    poster.tell('exit 0');
    const lines = readLines((await listener.outcome).stdout);
    const names = lines.map((line) => line['event']);
    expect(names.filter((name) => name === 'story.prime')).toHaveLength(9);
    expect(names.filter((name) => name === 'story.other')).toHaveLength(4);
    expect(lines.at(-1)).toMatchObject({ summary: { matched: 13, delivered: 13 } });
  });

  it('ends exactly at --max-hit, with a summary that adds up', async () => {
    await using poster = await startPoster();
    const args = ['listen', String(poster.pid), 'story.prime', '--max-hit', '101', '--json'];
    await using listener = startExtev([...args, '--timeout', '60000']);
    await listener.says('listening to');
    poster.tell('post 1009');
    const { code, stdout } = await listener.outcome;
    const lines = readLines(stdout);
    expect(code).toBe(0);
    expect(lines).toHaveLength(102);
    expect(lines.at(-1)).toEqual({ v: 1, summary: { matched: 101, delivered: 101, lost: 0, throttled: 0 } }); // prettier-ignore
    await poster.says('posted 1009'); // and the program goes on
  });

  it('attaches stacks of the asked depth, as text and as JSON', async () => {
    await using poster = await startPoster();
    const target = ['listen', String(poster.pid), 'story.prime', '--max-hit', '1'];
    await using asJson = startExtev([...target, '--stack=2', '--json']);
    await using asText = startExtev([...target, '--stack']);
    await Promise.all([asJson.says('listening to'), asText.says('listening to')]);
    poster.tell('post 3');
    const [line] = readLines((await asJson.outcome).stdout);
    const stack = line?.['stack'] as string[];
    expect(Object.keys(line ?? {}).at(-1)).toBe('stack');
    expect(stack).toHaveLength(2);
    expect(stack[0]).toMatch(/^post .*poster\.mjs:\d+:\d+\)$/);
    const { stdout, stderr } = await asText.outcome;
    expect(stdout).toMatch(
      /^\S+ main story\.prime n=1 bytes=10000000000 By text="p1"\n {4}at post \(/,
    );
    expect(stderr).toContain('matched 1, delivered 1, lost 0, throttled 0');
  });

  it('ends with 124 when --timeout is over', async () => {
    await using poster = await startPoster();
    const { code, stderr, stdout } = await extev('listen', String(poster.pid), 'story.*', '--json', '--timeout', '50'); // prettier-ignore
    expect(code).toBe(124);
    expect(readLines(stdout)).toEqual([{ v: 1, summary: { matched: 0, delivered: 0, lost: 0, throttled: 0 } }]); // prettier-ignore
    expect(stderr).toContain('--timeout');
    expect(poster.process.exitCode).toBeNull();
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends with 130 after the summary on %s',
    async (signal) => {
      await using poster = await startPoster();
      await using listener = startExtev(['listen', String(poster.pid), 'story.prime', '--json']);
      await listener.says('listening to');
      poster.tell('post 13');
      await until(() => listener.stdout.includes('"seq":13'));
      listener.process.kill(signal);
      const { code, stdout } = await listener.outcome;
      expect(code).toBe(130);
      expect(readLines(stdout).at(-1)).toMatchObject({ summary: { matched: 13, delivered: 13 } });
      poster.tell('post 2');
      await poster.says('posted 2');
    },
  );

  it('ends on Ctrl-C even when the process is stopped and its agent with it', async () => {
    await using poster = await startPoster();
    await using listener = startExtev(['listen', String(poster.pid), 'story.prime', '--json']);
    await listener.says('listening to');
    poster.tell('post 13');
    await until(() => listener.stdout.includes('"seq":13'));
    process.kill(poster.pid, 'SIGSTOP');
    listener.process.kill('SIGINT');
    const { code, stderr, stdout } = await listener.outcome;
    expect(code).toBe(130);
    expect(stderr).toContain('the agent does not answer');
    expect(readLines(stdout).at(-1)).toMatchObject({ summary: { matched: 13, delivered: 13 } });
  });

  it('misses nothing between its start and the first event, while the program posts all the time', async () => {
    await using poster = await startPoster();
    poster.tell('stream 20');
    for (let round = 0; round < 3; round++) {
      const { stdout } = await extev('listen', String(poster.pid), 'story.prime', '--json', '--timeout', '100'); // prettier-ignore
      const lines = readLines(stdout);
      const { summary = {} } = (lines.pop() ?? {}) as { summary?: Record<string, number> };
      const { delivered, lost, matched, throttled } = summary;
      expect(lines.length).toBeGreaterThan(0);
      expect({ delivered, lost, throttled }).toEqual({ delivered: lines.length, lost: 0, throttled: 0 }); // prettier-ignore
      expect(matched).toBe(lines.length);
      const numbers = lines.map((line) => (line['payload'] as { n: number }).n);
      expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
    }
  });

  it('says when the process was killed', async () => {
    await using poster = await startPoster();
    await using listener = startExtev(['listen', String(poster.pid), 'story.prime']);
    await listener.says('listening to');
    poster.process.kill('SIGKILL');
    const { code, stderr } = await listener.outcome;
    expect(code).toBe(0);
    expect(stderr).toContain(`process ${poster.pid} was killed; its last events may be missing`);
  });

  it('ends well when its reader goes away', async () => {
    await using poster = await startPoster();
    const script = `"$0" "$1" listen "$2" story.prime | head -n 3; echo "\${PIPESTATUS[0]}"`;
    const args = ['-c', script, process.execPath, main, String(poster.pid)];
    await using shell = new Child('bash', args);
    await shell.says('listening to');
    poster.tell('post 11');
    // What comes after the pipe is closed makes the next write fail.
    const timer = setInterval(() => poster.tell('post 11'), 50);
    const { stderr, stdout } = await shell.outcome;
    clearInterval(timer);
    expect(
      stdout
        .split('\n')
        .slice(0, 3)
        .every((line) => line.includes('story.prime')),
    ).toBe(true);
    expect(stdout).toMatch(/\n0\n$/);
    expect(stderr).not.toContain('EPIPE');
  });

  it('shows colour only where it is wanted', async () => {
    await using poster = await startPoster();
    const args = [main, 'listen', String(poster.pid), 'story.prime', '--max-hit', '1'];
    const withEnv = (env: NodeJS.ProcessEnv): Child =>
      new Child(process.execPath, args, { env: { ...process.env, NO_COLOR: '', ...env } });
    await using plain = withEnv({ FORCE_COLOR: undefined });
    await using forced = withEnv({ FORCE_COLOR: '1' });
    await using off = withEnv({ FORCE_COLOR: '0' });
    for (const child of [plain, forced, off]) await child.says('listening to');
    poster.tell('post 1');
    expect((await plain.outcome).stdout).not.toContain('\u001B[');
    expect((await forced.outcome).stdout).toContain('\u001B[');
    expect((await off.outcome).stdout).not.toContain('\u001B[');
  });

  it('loads the installed producers into the process, and hears a hot spot', async () => {
    await using busy = startFixture('busy.mjs');
    await busy.says('ready');
    const { code, stdout } = await extev('listen', String(busy.pid), 'hot-spot', '--request', 'share=0.2', '--max-hit', '1', '--json'); // prettier-ignore
    expect(code).toBe(0);
    const [event] = readLines(stdout);
    expect(event).toMatchObject({ event: 'hot-spot', payload: { function: 'countPrimes', source: 'v8' } }); // prettier-ignore
  });

  it('says what comes nearest when nothing is hot enough, and how to ask for less', async () => {
    await using spread = startFixture('spread.mjs');
    await spread.says('ready');
    await using listener = startExtev(['listen', String(spread.pid), 'hot-spot', '--request', 'share=0.97']); // prettier-ignore
    await listener.says('ask for less with --request share=0.');
    expect(listener.stderr).toMatch(/the nearest is \w+ \(\S*spread\.mjs:\d+\) with \d/);
    expect(listener.stdout).toBe('');
  });
});

describe('a refusal', () => {
  it('of a predicate has code, place and hint, and exit code 1', async () => {
    await using poster = await startPoster();
    const { code, stderr, stdout } = await extev('listen', String(poster.pid), 'story.prime', '--where', 'm == 1'); // prettier-ignore
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^EE_EXPR_FIELD: .*\n {2}m == 1\n {2}\^\nhint: .*n/m);
  });

  it('by all that a pattern matches is one error; by some of it, one remark', async () => {
    await using poster = await startPoster();
    const pid = String(poster.pid);
    const all = await extev('listen', pid, 'http.**', '--where', 'statu >= 400');
    expect(all).toMatchObject({ code: 1, stdout: '' });
    expect(all.stderr.match(/^EE_/gm)).toHaveLength(1);
    expect(all.stderr).toContain('\nhint: did you mean status? ');
    const some = await extev(
      'listen',
      pid,
      'http.**',
      '--where',
      'status >= 400',
      '--timeout',
      '1',
    );
    expect(some.code).toBe(124);
    expect(some.stderr.match(/^EE_/gm)).toHaveLength(1);
    expect(some.stderr).toMatch(/^http\.client\.request\.start, http\.server\.request\.start are not heard:$/m); // prettier-ignore
  });

  it('of parameters has code and hint', async () => {
    await using busy = startFixture('busy.mjs');
    await busy.says('ready');
    const { code, stderr } = await extev('listen', String(busy.pid), 'hot-spot', '--request', 'shares=1'); // prettier-ignore
    expect(code).toBe(1);
    expect(stderr).toMatch(/^EE_REQUEST: .*shares.*\nhint: /m);
  });

  it('of a process that is not Node.js is none, and says what can be heard there', async () => {
    const sleeper = spawn('sleep', ['1000']);
    const { code, stderr } = await extev('listen', String(sleeper.pid), 'story.*', '--timeout', '300'); // prettier-ignore
    expect(stderr).toContain(`process ${sleeper.pid} runs no Node.js: what can be heard there comes from the kernel`); // prettier-ignore
    expect(code).toBe(124);
    sleeper.kill();
    await once(sleeper, 'exit');
  });
});
