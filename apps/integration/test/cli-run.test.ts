/** `extev run`: scripts in real processes, as a user runs them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Child, fixture, startFixture, until } from './support-cli/child.ts';
import { extev, readLines, startExtev } from './support-cli/extev.ts';

const directory = mkdtempSync(join(tmpdir(), 'extev-run-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

async function start(pid: number, ...args: string[]): Promise<Child> {
  const script = startExtev(['run', ...args, '-p', String(pid)]);
  await script.says(`runs in process ${pid}`);
  return script;
}

describe('a script in a program that posts events of its own', () => {
  it('counts what it is told to, and tells the sums in the end', async () => {
    await using poster = startFixture('poster.mjs');
    poster.tell('ready?');
    await poster.says('ready');
    const text = 'global parity, total probe await story.prime { parity[n % 2] <<< n; total += n } probe end { printf("%d odd, %d even, %d in sum\\n", @count(parity[1]), @count(parity[0]), total) }'; // prettier-ignore
    await using script = await start(poster.pid, '-e', text);
    poster.tell('post 1009');
    await poster.says('posted 1009');
    script.process.kill('SIGINT');
    const { code, stdout } = await script.outcome;
    expect(stdout).toBe(`505 odd, 504 even, ${(1009 * 1010) / 2} in sum\n`);
    expect(code).toBe(130);
  });

  it('prints from inside the posts, in their order', async () => {
    await using poster = startFixture('poster.mjs');
    poster.tell('ready?');
    await poster.says('ready');
    await using script = await start(poster.pid, '-e', 'probe story.prime if (n % 5 == 0) { printf("%s: %3d\\n", text, n) } probe story.other if (n == 14) { exit() }'); // prettier-ignore
    poster.tell('post 17');
    const { code, stdout } = await script.outcome;
    expect(stdout).toBe('p5:   5\np10:  10\n');
    expect(code).toBe(0);
  });

  it('starts a program, hears its first event, and has its last word when the program ends', async () => {
    const text = 'global primes probe await story.prime { primes <<< n } probe end { printf("%d primes up to %d\\n", @count(primes), @max(primes)) }'; // prettier-ignore
    const { code, stderr, stdout } = await extev('run', '-e', text, '--', process.execPath, fixture('starter.mjs'), '13', '4'); // prettier-ignore
    expect(stdout).toBe('13 primes up to 13\n');
    expect(stderr).toMatch(/exited with (?:status|code) 4/);
    expect(code).toBe(0);
  });
});

describe('a script in threads that never return to their loops', () => {
  it('is installed all the same, ends at a number, and leaves them spinning', async () => {
    await using spinner = startFixture('spinner.mjs', ['worker']);
    await spinner.says('ready');
    const files = [
      file(
        'turns.ev',
        'global turns, threads probe story.turn { turns++; threads[tid()] <<< 1 }\n',
      ),
      file('end.ev', 'probe timer.ms(100) { if (turns > 20011 && count(threads) == 2) exit() }\nprobe end { printf("%d threads\\n", count(threads)) }\n'), // prettier-ignore
    ];
    const { code, stdout } = await extev('run', ...files, '-p', String(spinner.pid));
    expect(stdout).toBe('2 threads\n');
    expect(code).toBe(0);
    expect(spinner.process.exitCode).toBeNull();
  });
});

describe('a script on events that are posted beside the threads', () => {
  it('runs where they are posted, and ends with the first', async () => {
    await using busy = startFixture('busy.mjs');
    await busy.says('ready');
    const { code, stdout } = await extev('run', '-e', 'probe hot-spot { printf("%s\\n", function); exit() }', '-p', String(busy.pid)); // prettier-ignore
    expect(stdout).toMatch(/^countPrimes\n/);
    expect(code).toBe(0);
  });
});

describe('what is wrong with a script', () => {
  it('is told at once and all together, with place, caret and hint; nothing runs', async () => {
    const path = file('bad.ev', 'event lucky13 { len: u32 }\nprobe net.sned { }\nprobe net.send if (lenn == 13) { throw event lucky13 { len = "x" } }\n'); // prettier-ignore
    const { code, stderr, stdout } = await extev('run', path, '--check');
    expect(stdout).toBe('');
    expect(stderr).toContain(`${path}:2:7: EE_SCRIPT_NAME: There is no event net.sned.`);
    expect(stderr).toContain('did you mean net.send?');
    expect(stderr).toContain(`${path}:3:20: EE_SCRIPT_FIELD`);
    expect(stderr).toMatch(/^ +\^~~~$/m);
    expect(stderr).toContain(`${path}:3:62: EE_SCRIPT_TYPE`);
    expect(stderr).toContain('3 problems; nothing was run');
    expect(code).toBe(1);
  });

  it.each([
    ['is no text', Uint8Array.of(0xff, 0xfe, 0xfd), 'EE_SCRIPT_FILE'],
    ['is nested without end', `probe begin { ${'if (true) { '.repeat(5000)}`, 'EE_SCRIPT_LIMIT'],
    ['is garbage', '\0\u{1f600}@@@ ((( probe', 'EE_SCRIPT_SYNTAX'],
    ['is huge', `# ${'x'.repeat(1 << 20)}`, 'EE_SCRIPT_LIMIT'],
  ])('has a code when it %s', async (_what, text, code) => {
    const outcome = await extev('run', file('hostile.ev', text), '--check');
    expect(outcome.stderr).toContain(code);
    expect(outcome.stderr).toMatch(/hint: /);
    expect(outcome.code).toBe(1);
  });

  it('is the command line sometimes', async () => {
    expect(await extev('run')).toMatchObject({ code: 2, stdout: '' });
    expect((await extev('run', join(directory, 'absent.ev'), '--check')).stderr).toContain('EE_SCRIPT_FILE'); // prettier-ignore
    expect((await extev('run', '-e', 'global limit = 1 probe begin {}', '--global', 'limt=3', '--check')).stderr).toContain('limit'); // prettier-ignore
  });
});

describe('a script that ends', () => {
  it('by exit() has its end probes run', async () => {
    await using poster = startFixture('plain.mjs');
    await poster.says('ready');
    const text = 'global ticks probe timer.ms(50) { ticks++; if (ticks == 3) exit() } probe end { printf("%d\\n", ticks) }'; // prettier-ignore
    const { code, stdout } = await extev('run', '-e', text, String(poster.pid), '--json');
    expect(readLines(stdout)).toMatchObject([{ v: 1, output: '3\n' }, { v: 1, end: { why: 'exit', lost: 0, error: null } }]); // prettier-ignore
    expect(code).toBe(0);
  });

  it('over its budget is told of, its names are gone, and the program goes on', async () => {
    await using poster = startFixture('poster.mjs');
    poster.tell('ready?');
    await poster.says('ready');
    const endless =
      'event lucky13 global turns probe story.prime { while (turns >= 0) { turns++ } }';
    await using script = startExtev(['run', '-e', endless, '-p', String(poster.pid)]);
    await script.says('runs in process');
    await using told = startExtev(['listen', String(poster.pid), 'script.stopped', 'registry.unregistered', '--json']); // prettier-ignore
    await told.says('listening to');
    poster.tell('post 1');
    const { code, stderr } = await script.outcome;
    expect(stderr).toContain('EE_SCRIPT_BUDGET');
    expect(stderr).toContain('hint: ');
    expect(code).toBe(1);
    await until(() => told.stdout.includes('lucky13') && told.stdout.includes('EE_SCRIPT_BUDGET'), () => told.stdout); // prettier-ignore
    poster.tell('post 1');
    expect(poster.process.exitCode).toBeNull();
  });

  it('half-way by a kill leaves nothing behind', async () => {
    await using poster = startFixture('poster.mjs');
    poster.tell('ready?');
    await poster.says('ready');
    const script = await start(
      poster.pid,
      '-e',
      'event lucky13 probe story.prime { throw event lucky13 }',
    );
    script.process.kill('SIGKILL');
    await script.outcome;
    await using other = startExtev(['run', '-e', 'event lucky13 { n: u32 } probe story.prime { throw event lucky13 { n = 1 } }', '-p', String(poster.pid)]); // prettier-ignore
    await other.says('runs in process');
    expect(other.stderr).not.toContain('EE_SCRIPT_CONFLICT');
  });
});

describe('what a thread has gathered', () => {
  const text = 'global posts, sum probe await story.worked { posts++; sum += $n; } probe end { printf("%d of %d\\n", posts, sum); }'; // prettier-ignore

  it('is handed over by workers that end by themselves', async () => {
    await using workers = startFixture('workers.mjs');
    await workers.says('ready');
    await using script = await start(workers.pid, '-e', text);
    const counts = [101, 103, 107, 109, 113, 127, 131, 137];
    for (const count of counts) {
      workers.tell(`end ${count}`);
      await workers.says(`end of end ${count};`);
    }
    script.process.kill('SIGINT');
    const { stderr, stdout } = await script.outcome;
    expect(stderr).not.toContain('missing');
    const sum = counts.reduce((all, count) => all + (count * (count + 1)) / 2, 0);
    expect(stdout).toBe(`${counts.reduce((all, count) => all + count, 0)} of ${sum}\n`);
  });

  it('is missing of workers that are terminated, and that is said', async () => {
    await using workers = startFixture('workers.mjs');
    await workers.says('ready');
    await using script = await start(workers.pid, '-e', `${text} probe timer.ms(500) { if (posts == 1012) print("all are here") }`, '--json'); // prettier-ignore
    for (const count of [503, 509]) workers.tell(`stay ${count}`);
    await script.says('all are here');
    workers.tell('terminate');
    for (const count of [503, 509]) await workers.says(`end of stay ${count};`);
    script.process.kill('SIGINT');
    const { stderr, stdout } = await script.outcome;
    expect(stdout).toContain('1012 of ');
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ end: { missingShares: 2 } }); // prettier-ignore
    expect(stderr).toContain('2 threads ended without a last word'); // prettier-ignore
  });

  it('is taken from workers that are there when the process exits', async () => {
    await using workers = startFixture('workers.mjs');
    await workers.says('ready');
    await using script = await start(workers.pid, '-e', `${text} probe timer.ms(500) { if (posts == 1012) print("all are here") }`); // prettier-ignore
    const counts = [503, 509];
    for (const count of counts) workers.tell(`stay ${count}`);
    await script.says('all are here');
    workers.tell('again 7');
    for (const count of counts) await workers.says(`7 posted in stay ${count};`);
    workers.tell('exit 3');
    const { code, stderr, stdout } = await script.outcome;
    const sum = [...counts, 7, 7].reduce((all, count) => all + (count * (count + 1)) / 2, 0);
    expect(stdout).toMatch(new RegExp(`^1026 of ${sum}$`, 'm'));
    expect(stderr).toContain('exited with status 3');
    expect(code).toBe(0);
  });
});

describe('two scripts', () => {
  it('may declare the same event when its fields are the same, and hear each other', async () => {
    await using poster = startFixture('poster.mjs');
    poster.tell('ready?');
    await poster.says('ready');
    await using thrower = await start(poster.pid, '-e', 'event lucky13 { n: u32 } probe story.prime { throw event lucky13 { n = 13 } }'); // prettier-ignore
    await using hearer = await start(
      poster.pid,
      '-e',
      'probe lucky13 { printf("heard %d\\n", n) }',
    );
    poster.tell('post 1');
    await hearer.says('heard 13');
    const { code, stderr } = await extev('run', '-e', 'event lucky13 { text: string }', String(poster.pid)); // prettier-ignore
    expect(stderr).toContain('EE_SCRIPT_CONFLICT');
    expect(code).toBe(1);
    expect(thrower.process.exitCode).toBeNull();
  });

  it('may be started in any order: what the first awaits fills its maps as the second declares it', async () => {
    await using poster = startFixture('poster.mjs');
    poster.tell('ready?');
    await poster.says('ready');
    const text = 'global texts, sizes probe await lucky13 { texts[text]++; sizes[text, n % 2 == 0] <<< n } probe end { foreach (text in texts) printf("%s %d;", text, texts[text]); foreach ([text, even] in sizes-) printf(" %s %s %d", text, even, @sum(sizes[text, even])) }'; // prettier-ignore
    await using hearer = await start(poster.pid, '-e', text);
    const lucky = await start(poster.pid, '-e', 'event lucky13 { text: string, n: u32 } probe story.prime if (n > 2) { throw event lucky13 { text = "of " + text, n = n } }'); // prettier-ignore
    poster.tell('post 4');
    await poster.says('posted 4');
    lucky.process.kill('SIGINT');
    await lucky.outcome;
    hearer.process.kill('SIGINT');
    const { code, stderr, stdout } = await hearer.outcome;
    expect(stderr).not.toContain('EE_');
    expect({ code, stdout }).toEqual({ code: 130, stdout: 'of p3 1;of p4 1; of p3 false 3 of p4 true 4' }); // prettier-ignore
  });
});
