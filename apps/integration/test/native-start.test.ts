import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { exists, until } from './support-cli/child.ts';
import { extev, readLines, startExtev } from './support-cli/extev.ts';
import { compile, has, isRoot, needDataBreakpoint } from './support-cli/native.ts';

const directory = mkdtempSync(join(tmpdir(), 'extension-events-start-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

beforeEach((context) => {
  if (!has('gcc')) context.skip('needs gcc: it compiles the program');
});

function needGdb(context: TestContext): void {
  if (!has('gdb')) context.skip('needs gdb: it holds native threads');
}

/** The lines that tell of each event, and the summary. */
function split(stdout: string): { events: Record<string, unknown>[]; summary: unknown } {
  const lines = readLines(stdout);
  return { summary: lines.pop()?.['summary'], events: lines };
}

describe('extev listen -- a program that is not Node.js', () => {
  it('looks its function up before it begins, and misses no pass of it', async (context) => {
    if (!isRoot) context.skip('needs uprobe: only root may set them');
    const request = ['--request', 'location=bump', '--request', 'method=uprobe'];
    const { code, stderr, stdout } = await extev('listen', 'breakpoint.hit', ...request, '--json', '--', compile('starter')); // prettier-ignore
    const { events, summary } = split(stdout);
    expect(summary).toEqual({ matched: 1009, delivered: 1009, lost: 0, throttled: 0 });
    expect(events.map(({ payload }) => (payload as { hits: number }).hits)).toEqual(Array.from({ length: 1009 }, (_, at) => at + 1)); // prettier-ignore
    expect(events[0]?.['payload']).toMatchObject({ symbol: 'bump', function: 'bump' });
    expect(stderr).toContain('counter 1009, other 101');
    expect(stderr).toContain('exited with status 7');
    expect(code).toBe(0);
  });

  it('watches its variables from the first write on', async (context) => {
    needDataBreakpoint(context);
    const request = ['--request', 'address=counter'];
    const { stdout } = await extev('listen', 'hw-breakpoint.hit', ...request, '--json', '--', compile('starter')); // prettier-ignore
    expect(split(stdout).summary).toMatchObject({ matched: 1009, delivered: 1009, lost: 0 });
    const later = await extev('listen', 'hw-breakpoint.hit', '--request', 'address=other', '--json', '--', compile('starter')); // prettier-ignore
    expect(split(later.stdout).summary).toMatchObject({ matched: 101, delivered: 101, lost: 0 });
  });

  it('says which of its symbols are still to come, and runs nothing of it', async () => {
    const file = join(directory, 'never');
    const { code, stderr } = await extev('listen', 'breakpoint.hit', '--request', 'location=fflush', '--', compile('starter'), file); // prettier-ignore
    expect(stderr).toMatch(/EE_SYMBOL_UNKNOWN: No symbol fflush in \S*starter\S*, and the process has mapped no library yet/); // prettier-ignore
    expect(stderr).toMatch(/hint: .*once the program runs/);
    expect(stderr).not.toContain('counter');
    expect(code).toBe(1);
    expect(existsSync(file)).toBe(false);
  });

  it('says so when there is no such program', async () => {
    const { code, stderr } = await extev('listen', 'hot-spot', 'tracepoint:*', '--', join(directory, 'nowhere')); // prettier-ignore
    expect(stderr).toMatch(/EE_COMMAND_(ENDED|START)/);
    expect(code).toBe(1);
  });
});

describe('extev debug -- a program that is not Node.js', () => {
  it('breaks before it begins, at its first pass, under its own name', async (context) => {
    needGdb(context);
    await using child = startExtev(['debug', '--batch', '--', compile('starter')]);
    child.process.stdin?.end('break bump\ncontinue\nprint counter\ninfo threads\nbt\ncontinue 13\nprint counter\n'); // prettier-ignore
    const { code, stdout } = await child.outcome;
    expect(stdout).toMatch(
      /1 thread; it stands before its first instruction, and begins at continue/,
    );
    expect(stdout).toMatch(/Breakpoint 1 at .*starter\.c:\d+/);
    expect(stdout).toMatch(/#0 +bump \(by=1\).*starter\.c:\d+/);
    expect(stdout).toMatch(/#1 +main/);
    expect(stdout).toMatch(/gdb +starter\S* \(tid \d+\)/);
    const printed = [...stdout.matchAll(/^\(extev\) print counter\n(\d+)$/gm)];
    expect(printed.map(([, value]) => value)).toEqual(['0', '13']);
    expect(code).toBe(0);
  });

  it('stops the first writer of a variable', async (context) => {
    needGdb(context);
    needDataBreakpoint(context);
    await using child = startExtev(['debug', '--batch', '--', compile('starter')]);
    child.process.stdin?.end('watch counter\ncontinue\nprint counter\nbt\n');
    const { code, stdout } = await child.outcome;
    expect(stdout).toMatch(/^\(extev\) print counter\n1$/m);
    expect(stdout).toMatch(/#0 +bump/);
    expect(code).toBe(0);
  });

  it('shows the very first instruction when it is interrupted there', async (context) => {
    needGdb(context);
    await using child = startExtev(['debug', '--batch', '--', compile('starter')]);
    child.process.stdin?.end('interrupt\ninfo registers\ncontinue\n');
    const { code, stderr, stdout } = await child.outcome;
    expect(stdout).toMatch(/#0 +_start/);
    expect(stdout).toMatch(/process \d+ exited/);
    expect(stderr).toContain('counter 1009, other 101');
    expect(code).toBe(0);
  });

  it('ends it unheard when it never is to begin', async () => {
    const file = join(directory, 'unbegun');
    await using child = startExtev(['debug', '--batch', '--', compile('starter'), file]);
    child.process.stdin?.end('quit\n');
    const { code, stderr } = await child.outcome;
    expect(stderr).toContain('which this command started');
    expect(code).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  it('leaves it running when extev is killed, whoever holds it', async (context) => {
    needGdb(context);
    const rounds = Number(process.env['EXTEV_KILL_ROUNDS'] ?? 4);
    for (let round = 0; round < rounds; round++) {
      const file = join(directory, `round-${round}`);
      // Before gdb comes, while it comes, and when it has the program.
      await using child = startExtev(['debug', '--', compile('starter'), file]);
      await child.says('stands before');
      const pid = Number(/process (\d+)/.exec(child.stdout)?.[1]);
      if (round % 4 > 0) child.tell('interrupt');
      if (round % 4 === 3) await child.says('#0');
      else await delay((round % 4) * 130 + round * 20);
      // Its tracer, the holder or gdb, is killed with it in most rounds.
      const tracer = tracerOf(pid);
      child.process.kill('SIGKILL');
      if (round % 4 !== 1 && tracer > 0) process.kill(tracer, 'SIGKILL');
      await child.outcome;
      await until(() => !exists(pid));
      expect(readFileSync(file, 'utf8')).toBe('counter 1009\n');
    }
  });
});

function tracerOf(pid: number): number {
  return Number(/^TracerPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
}
