/** `extev log`: nothing is lost that was posted, and what is written can be read, however it ends. */
import { randomInt } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Child, root, startFixture, until } from './support-cli/child.ts';
import { extev, main, readLines, startExtev } from './support-cli/extev.ts';

const directory = mkdtempSync(join(tmpdir(), 'extension-events-log-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let files = 0;
const newFile = (ending: string): string => join(directory, `${++files}.${ending}`);
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/log/${name}`, import.meta.url));
const register = fileURLToPath(import.meta.resolve('@extension-events/agent/register'));

type Line = Record<string, unknown> & { payload: Record<string, unknown> };
const read = (path: string): Line[] => readLines(readFileSync(path, 'utf8')) as Line[];
const numbersOf = (lines: readonly Line[]): unknown[] => lines.map(({ payload }) => payload['n']);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

async function startPoster(args: readonly string[] = []): Promise<Child> {
  const path = fileURLToPath(new URL('../fixtures/cli/poster.mjs', import.meta.url));
  const poster = new Child(process.execPath, ['--inspect-port=0', ...args, path]);
  poster.tell('ready?');
  await poster.says('ready');
  return poster;
}

describe('the last events of a program', () => {
  it.each([
    ['that has nothing left to do', 'end', 1, 'exited with status 0'],
    ['that calls process.exit', 'exit', 1, 'exited with status 7'],
    ['that throws', 'throw', 1, 'exited with status 1'],
    ['whose worker posts last', 'worker', 2, 'exited with status 0'],
  ])('%s are all there', async (_title, how, threads, end) => {
    const out = newFile('ndjson');
    const command = ['--', process.execPath, fixture('burst.mjs'), '5003', how];
    const { code, stderr } = await extev('log', 'story.burst', '--out', out, ...command);
    expect(code).toBe(0);
    expect(stderr).toContain(end);
    const lines = read(out);
    const counts = {
      matched: 5003 * threads,
      delivered: 5003 * threads,
      lost: 0,
      throttled: 0,
    };
    expect(lines.pop()).toEqual({ v: 1, summary: counts });
    const tids = [...new Set(lines.map(({ tid }) => tid))];
    expect(tids).toHaveLength(threads);
    for (const tid of tids)
      expect(numbersOf(lines.filter((line) => line['tid'] === tid))).toEqual(upTo(5003));
  });

  it('that was running already are all there too', async () => {
    await using poster = await startPoster();
    const out = newFile('ndjson');
    await using logger = startExtev(['log', String(poster.pid), 'story.prime', '--out', out]);
    await logger.says('logging story.prime');
    poster.tell('post 7919');
    poster.tell('exit 3');
    const { code, stderr } = await logger.outcome;
    expect(code).toBe(0);
    expect(stderr).toContain(`process ${poster.pid} exited with status 3`);
    expect(stderr).toContain('matched 7919, delivered 7919, lost 0, throttled 0');
    expect(numbersOf(read(out).slice(0, -1))).toEqual(upTo(7919));
  });
});

describe('several programs', () => {
  it('are logged into one file, each from its start to its end', async () => {
    await using first = await startPoster();
    await using second = await startPoster();
    const out = newFile('json');
    const args = [
      'log',
      '-p',
      String(first.pid),
      '-p',
      String(second.pid),
      'story.*',
      '--out',
      out,
    ];
    await using logger = startExtev(args);
    await logger.says('as chrome-trace (by its ending)');
    first.tell('post 101');
    await first.says('posted 101');
    first.tell('exit 0');
    await logger.says(`process ${first.pid} exited`);
    second.tell('post 211');
    second.tell('exit 0');
    const { code, stderr } = await logger.outcome;
    expect(code).toBe(0);
    expect(stderr).toContain(`matched ${101 + 50 + 211 + 105}, delivered ${101 + 50 + 211 + 105},`);
    const events = JSON.parse(readFileSync(out, 'utf8')) as { name: string; ph: string; pid: number; args: { name?: string } }[]; // prettier-ignore
    const primes = events.filter(({ name }) => name === 'story.prime').map(({ pid }) => pid);
    expect(primes.filter((pid) => pid === first.pid)).toHaveLength(101);
    expect(primes.filter((pid) => pid === second.pid)).toHaveLength(211);
    const names = events.filter(({ name }) => name === 'process_name');
    expect(names.map(({ args: { name }, pid }) => [pid, name])).toEqual([[logger.pid, 'log'], [first.pid, 'poster.mjs'], [second.pid, 'poster.mjs']]); // prettier-ignore
  });

  it('of the session are logged when they appear, without being told of', async () => {
    await using early = await startPoster(['--import', register]);
    await using other = await startPoster(); // has no agent, and gets none
    const out = newFile('ndjson');
    await using logger = startExtev(['log', '--session', 'story.prime', '--out', out]);
    await logger.says('logging story.prime of every process that has an agent');
    early.tell('post 13');
    await using late = await startPoster(['--import', register]);
    // Whether it has been found shows in what is written.
    await until(() => {
      late.tell('post 1');
      return readFileSync(out, 'utf8').includes(`"pid":${late.pid},`);
    });
    late.tell('post 17');
    await late.says('posted 17');
    other.tell('post 19');
    await other.says('posted 19');
    early.tell('exit 0');
    late.tell('exit 0');
    await Promise.all([early.outcome, late.outcome]);
    expect(logger.process.exitCode).toBeNull(); // others may come
    logger.process.kill('SIGTERM');
    const { code } = await logger.outcome;
    expect(code).toBe(130);
    const lines = read(out);
    const { summary } = lines.pop() as unknown as { summary: { delivered: number; lost: number } };
    expect(summary).toMatchObject({ delivered: lines.length, lost: 0 });
    expect(numbersOf(lines.filter(({ pid }) => pid === early.pid))).toEqual(upTo(13));
    expect(numbersOf(lines.filter(({ pid }) => pid === late.pid)).slice(-17)).toEqual(upTo(17));
    expect(lines.some(({ pid }) => pid === other.pid)).toBe(false);
  });
});

/** Throws where whole lines of a format cannot be read. */
const checks: Readonly<Record<string, (text: string) => void>> = {
  ndjson: (text) => void readLines(text),
  text: (text) => {
    const bad = text
      .trimEnd()
      .split('\n')
      .filter((line) => !textLine.test(line));
    if (bad.length > 0) throw new SyntaxError(bad.join('\n'));
  },
  'chrome-trace': (text) => {
    if (!text.startsWith('[\n')) throw new SyntaxError(text.slice(0, 100));
    // The bracket is there after each write: without it, the writer was killed within one.
    JSON.parse(text.endsWith('\n]') ? text : `${text}]`);
  },
};
const textLine = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} {2}7 +tid:[78] {2}(story\.flood.* text=".*x*"|# 1 event of \*\* lost here: ring-full)$/; // prettier-ignore

describe('a logger that is killed', () => {
  it.each(Object.keys(checks))(
    'at any moment leaves files of %s that can be read',
    async (format) => {
      // prettier-ignore
      for (let round = 0; round < 8; round++) {
      const out = newFile('out');
      await using flood = new Child(process.execPath, [fixture('flood.mjs'), format, out]);
      await until(() => (statSync(out, { throwIfNoEntry: false })?.size ?? 0) > 0);
      await delay(randomInt(40));
      flood.process.kill('SIGKILL');
      await flood.outcome;
      const name = out.slice(directory.length + 1).replace(/\.out$/, '');
      const written = readdirSync(directory).filter((file) => file.startsWith(`${name}.`));
      expect(written.length).toBeGreaterThan(0);
      for (const file of written) {
        const text = readFileSync(join(directory, file), 'utf8');
        // At most the last line is cut; the bracket of a trace is a line without an end.
        const whole = text.endsWith('\n]') ? text : text.slice(0, text.lastIndexOf('\n') + 1);
        expect(whole === text || file === `${name}.out`).toBe(true);
        if (whole !== '') checks[format]?.(whole);
      }
    }
    },
  );

  it('has written all that came before, and the program goes on', async () => {
    await using poster = await startPoster();
    const out = newFile('ndjson');
    await using logger = startExtev(['log', String(poster.pid), 'story.prime', '--out', out]);
    await logger.says('logging story.prime');
    poster.tell('post 1009');
    await until(() => readFileSync(out, 'utf8').includes('"n":1009,'));
    logger.process.kill('SIGKILL');
    await logger.outcome;
    expect(numbersOf(read(out))).toEqual(upTo(1009));
    poster.tell('post 11');
    await poster.says('posted 11');
  });
});

describe('extev log', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends in good order on %s', async (signal) => {
    await using poster = await startPoster();
    const out = newFile('log');
    await using logger = startExtev(['log', String(poster.pid), 'story.prime', '--out', out]);
    await logger.says('as text (by its ending)');
    poster.tell('post 13');
    await until(() => readFileSync(out, 'utf8').includes('n=13 '));
    logger.process.kill(signal);
    const { code, stderr, stdout } = await logger.outcome;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    const text = readFileSync(out, 'utf8');
    expect(text).toMatch(
      /n=13 bytes=130000000000 By text="p13"\n# matched 13, delivered 13, lost 0, throttled 0\n$/,
    );
    expect(stderr).toContain(`${Buffer.byteLength(text)} bytes written to ${out}`);
  });

  it('writes to standard output what listen --json writes', async () => {
    await using poster = await startPoster();
    const args = [
      String(poster.pid),
      'story.prime',
      '--where',
      'n % 2 == 1',
      '--max-hit',
      '3',
      '--json',
    ];
    await using logger = startExtev(['log', ...args]);
    await using listener = startExtev(['listen', ...args]);
    await Promise.all([logger.says('logging'), listener.says('listening')]);
    poster.tell('post 10');
    const [logged, listened] = await Promise.all([logger.outcome, listener.outcome]);
    expect(logged.stdout).toBe(listened.stdout);
    expect(readLines(logged.stdout)).toHaveLength(4);
    expect([logged.code, listened.code]).toEqual([0, 0]);
  });

  it('rotates, and says how many files there are', async () => {
    const out = newFile('ndjson');
    const command = ['--', process.execPath, fixture('burst.mjs'), '1009', 'end'];
    const { code, stderr } = await extev('log', 'story.burst', '--out', out, '--rotate', '20kB,1h,keep=50', ...command); // prettier-ignore
    expect(code).toBe(0);
    const count = Number(/ bytes written to (\d+) files/.exec(stderr)?.[1]);
    const paths = [out, ...upTo(count - 1).map((n) => out.replace('.ndjson', `.${n}.ndjson`))].toReversed(); // prettier-ignore
    expect(count).toBeGreaterThan(5);
    expect(paths.every((path) => statSync(path).size <= 20_000)).toBe(true);
    expect(numbersOf(paths.flatMap(read).slice(0, -1))).toEqual(upTo(1009));
  });

  it('ends with 124 when --timeout is over', async () => {
    await using poster = await startPoster();
    const { code, stderr } = await extev('log', String(poster.pid), 'story.*', '--timeout', '50');
    expect(code).toBe(124);
    expect(stderr).toContain('matched 0, delivered 0, lost 0, throttled 0');
  });

  it('ends well when its reader goes away', async () => {
    const script = `"$0" "$1" log story.burst -- "$0" "$2" 30011 end | head -n 2; echo "\${PIPESTATUS[0]}"`;
    await using shell = new Child('bash', [
      '-c',
      script,
      process.execPath,
      main,
      fixture('burst.mjs'),
    ]);
    const { stderr, stdout } = await shell.outcome;
    expect(stdout).toMatch(/n=1 .*\n.*n=2 .*\n0\n$/);
    expect(stderr).toMatch(/matched \d+, delivered \d+, lost [1-9]\d*, throttled 0/);
    expect(stderr).not.toContain('EPIPE');
  });

  it('says that the disk is full, and what is missing', async () => {
    const command = ['--', process.execPath, fixture('burst.mjs'), '101', 'end'];
    const { code, stderr } = await extev('log', 'story.burst', '--out', '/dev/full', ...command);
    expect(code).toBe(1);
    expect(stderr).toMatch(/matched \d+, delivered 0, lost \d+, throttled 0/);
    expect(stderr).toMatch(/EE_LOG_FULL: .*\/dev\/full.*\nhint: Make room/);
  });

  it('starts nothing when there is no place to write to', async () => {
    const { code, stderr } = await extev('log', '**', '--out', '/nowhere/log.txt', '--', process.execPath, '-e', 'console.log("started")'); // prettier-ignore
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^EE_LOG_OPEN: \/nowhere\/log\.txt .*its directory does not exist.*\nhint: /,
    );
    expect(stderr).not.toContain('started');
  });

  it.each([
    [['1', '**', '--rotate', '1MB'], '--out'],
    [['--session', '-p', '1', '**'], '--session'],
    [['--session'], 'no pattern'],
  ])('refuses %j', async (args, text) => {
    const { code, stderr } = await extev('log', ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^EE_USAGE: /);
    expect(stderr).toContain(text);
  });

  it('refuses a predicate as the program does, says so once, and writes nothing', async () => {
    await using poster = await startPoster();
    const out = newFile('ndjson');
    writeFileSync(out, 'earlier\n');
    const args = [String(poster.pid), 'story.prime', '--where', 'm == 1'];
    for (const words of [
      ['log', ...args, '--out', out],
      ['log', ...args],
      ['listen', ...args],
    ]) {
      const { code, stderr, stdout } = await extev(...words);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^EE_EXPR_FIELD: [^]*?\nhint: [^\n]*\n$/m);
      expect(stderr.match(/EE_/g)).toHaveLength(1);
    }
    expect(readFileSync(out, 'utf8')).toBe('earlier\n');
  });

  it('ends when all that a pattern stands for refuses, with one error', async () => {
    await using poster = await startPoster();
    const { code, stderr, stdout } = await extev('log', String(poster.pid), 'story.*', '--where', 'm == 1'); // prettier-ignore
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.match(/^EE_/gm)).toHaveLength(1);
    expect(stderr).toMatch(
      /\nhint: did you mean n\? .* matches story\.\* here can be heard so \(1 more\)\.\n$/,
    );
  });

  it('starts nothing for a predicate that cannot be read', async () => {
    const out = newFile('json');
    const { code, stderr } = await extev('log', '**', '--where', 'n >', '--out', out, '--', process.execPath, '-e', 'console.log("started")'); // prettier-ignore
    expect(code).toBe(1);
    expect(stderr).toMatch(/^EE_EXPR_SYNTAX: /);
    expect(stderr).not.toContain('started');
    expect(statSync(out, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('does not wait for the agent of a process that is stopped', async () => {
    await using poster = await startPoster(['--import', register]);
    poster.process.kill('SIGSTOP');
    const { code, stderr } = await extev('log', String(poster.pid), 'story.*', '--timeout', '2000');
    poster.process.kill('SIGCONT');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^EE_ATTACH_STOPPED: .*\nhint: let it run: kill -CONT \d+\n$/);
  });

  it.each([
    ['log', '--json', '--out', '-'],
    ['listen', '--json'],
  ])('says how a program ended that had no time for a goodbye: %s', async (...words) => {
    const command = ['--', process.execPath, fixture('burst.mjs'), '5', 'kill'];
    const { code, stderr, stdout } = await extev(...words, 'story.burst', ...command);
    expect(code).toBe(0);
    expect(stderr).toMatch(/ was killed by SIGKILL; its last events may be missing$/m);
    expect(stderr).not.toMatch(/EE_|ending process/);
    expect(readLines(stdout).at(-1)).toHaveProperty('summary');
  });
});

describe('the README of consumer-logger', () => {
  it('has an example that does what it says', async () => {
    const readme = readFileSync(join(root, 'packages/consumer-logger/README.md'), 'utf8');
    const [, code = ''] = /```js\n(.*?)```/s.exec(readme) ?? [];
    const [, shown = ''] = /```json\n(.*?)```/s.exec(readme) ?? [];
    const program = join(root, `apps/integration/node_modules/.readme-${process.pid}.mjs`);
    writeFileSync(program, code);
    try {
      await using cache = startFixture('../log/cache.mjs');
      await cache.says('ready');
      const out = newFile('ndjson');
      await using logger = new Child(process.execPath, [program, String(cache.pid), out]);
      await logger.says('logging');
      cache.tell('post');
      const { code: exitCode, stdout } = await logger.outcome;
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'logging\n2 written, 0 lost, 1 file\n' }); // prettier-ignore
      expect(mask(readFileSync(out, 'utf8'))).toBe(mask(shown));
    } finally {
      rmSync(program);
    }
  });
});

/** What differs from run to run. */
function mask(text: string): string {
  return text.replaceAll(/"(pid|tid|timestampNs)":[\d.]+/g, '"$1":0');
}

describe('a server under load', () => {
  it('has every request in the log exactly once, and its response with status and duration', async () => {
    const total = 5003;
    await using server = startFixture('../log/server.mjs');
    await server.says(';');
    const port = /port (\d+);/.exec(server.stdout)?.[1] ?? '';
    const out = newFile('ndjson');
    const patterns = ['http.server.request.start', 'http.server.request'];
    await using logger = startExtev(['log', String(server.pid), ...patterns, '--out', out]);
    await logger.says('logging http.server.request.start, http.server.request');
    const statuses = await load(port, total);
    server.tell('end');
    await server.says(`answered ${total}`);
    const { code } = await logger.outcome;
    expect(code).toBe(0);
    const lines = read(out);
    const counts = { matched: 2 * total, delivered: 2 * total, lost: 0, throttled: 0 };
    expect(lines.pop()).toEqual({ v: 1, summary: counts });
    // Two listens, and what the one thread did in its order.
    const times = lines.map(({ timestampNs }) => Number(timestampNs));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const [begun, answered] = ['http.server.request.start', 'http.server.request'].map((name) => lines.filter(({ event }) => event === name).map(({ payload }) => payload)); // prettier-ignore
    const sent = statuses.map((status, i) => ({ asked: `${methodOf(i)} /r/${i}`, status }));
    expect(begun?.map(askedOf).toSorted()).toEqual(sent.map(({ asked }) => asked).toSorted());
    expect(answered?.map((one) => `${askedOf(one)} ${String(one['status'])}`).toSorted()).toEqual(sent.map(({ asked, status }) => `${asked} ${status}`).toSorted()); // prettier-ignore
    // One is the other's.
    const ids = begun?.map((one) => `${String(one['requestId'])} ${askedOf(one)}`).toSorted();
    expect(answered?.map((one) => `${String(one['requestId'])} ${askedOf(one)}`).toSorted()).toEqual(ids); // prettier-ignore
    expect(new Set(ids).size).toBe(total);
    const durations = answered?.map((one) => [one['durationNs'] as number, isLate(one) ? 4e6 : 0]);
    expect(durations?.every(([ns = 0, least = 0]) => ns > least && ns < 60e9)).toBe(true);
  });
});

function askedOf({ method, path }: Line['payload']): string {
  return `${String(method)} ${String(path)}`;
}

/** Does the server take its time for this one? */
function isLate({ path }: Line['payload']): boolean {
  return Number(String(path).slice(3)) % 7 === 0;
}

function methodOf(number: number): string {
  return number % 3 === 0 ? 'POST' : 'GET';
}

/** Makes so many requests, 50 at a time; resolves with the status of each. */
async function load(port: string, total: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const statuses = await Promise.all(
    Array.from({ length: total }, (_, i) => ask({ agent, port, path: `/r/${i}`, method: methodOf(i) })), // prettier-ignore
  );
  agent.destroy();
  return statuses;
}

function ask(options: {
  agent: Agent;
  port: string;
  path: string;
  method: string;
}): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', ...options }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    });
    outgoing.on('error', reject).end(options.method === 'POST' ? 'body' : undefined);
  });
}
