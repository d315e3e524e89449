/** `catch lucky13` on a C program: an event that follows from another one stops the thread in the very send. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest';
import { fixture, until } from './support-cli/child.ts';
import { PipedDebugger } from './support-cli/debugger.ts';
import { readLines, startExtev } from './support-cli/extev.ts';
import { has, isRoot, startNative } from './support-cli/native.ts';

const cwd = mkdtempSync(join(tmpdir(), 'extev-lucky-'));
beforeAll(() => cpSync(fixture('lucky'), join(cwd, 'node_modules'), { recursive: true }));
afterAll(() => rmSync(cwd, { recursive: true }));

function need(context: TestContext, ...programs: readonly string[]): void {
  for (const program of programs) if (!has(program)) context.skip(`needs ${program}`);
  if (!isRoot) context.skip('needs root: sock:* tracepoints are not for everybody');
}

const lengths = (text: string): unknown[] =>
  readLines(text).flatMap(({ event, payload }) => event === 'net.send' ? (payload as { len: number }).len : []); // prettier-ignore

const primeHits = 11;
const rounds = primeHits * 5;

it('the debugger stands in the sends of 13 bytes, all of them and no others', async (context) => {
  need(context, 'gcc', 'gdb');
  await using lucky = await startNative('lucky', [String(rounds)]);
  await using child = startExtev(['debug', String(lucky.pid), '--batch', '--timeout', '90000'], { cwd }); // prettier-ignore
  const stops = Array.from({ length: primeHits }, () => ['continue', 'print length', 'print way', 'bt']); // prettier-ignore
  child.process.stdin?.end(['catch lucky13', 'catch late13 if len > 99', ...stops.flat(), 'continue'].join('\n')); // prettier-ignore
  await child.says('Continuing');
  lucky.tell('go');
  lucky.process.stdin?.end();
  const { code, stdout } = await child.outcome;
  expect(code).toBe(0);
  expect(stdout).toContain('stops late: the rest is decided by the script, after the send.');
  const parts = stdout.split(/^Catchpoint 1, lucky13 in thread /m).slice(1);
  expect(parts).toHaveLength(primeHits);
  for (const [n, part] of parts.entries()) {
    expect(part).toContain('len = 13 bytes');
    expect(part).toMatch(/^13$/m);
    expect(part).toMatch(new RegExp(`^${n % 4}$`, 'm')); // the calls take turns: none was left out
    expect(part).toMatch(/#\d+ +.*send_one/);
  }
  // The last `continue` saw the end of the program, which sent all it had.
  expect(stdout).toMatch(/exited/);
  expect(await lucky.outcome).toMatchObject({ code: 0, signal: null });
  expect(lucky.stdout).toContain(`sent ${rounds}`);
});

it('listeners hear net.send of a C program by wildcard and predicate, with exact accounts', async (context) => {
  need(context, 'gcc');
  await using lucky = await startNative('lucky', [String(rounds)]);
  const listen = (...args: string[]) => startExtev(['listen', String(lucky.pid), ...args, '--json', '--timeout', '60000'], { cwd }); // prettier-ignore
  await using all = listen(
    'net.*',
    '--where',
    'protocol == "tcp"',
    '--max-hit',
    String(rounds + 1),
  ); // more than are sent
  await using some = listen('net.send', '--where', 'len == 13', '--max-hit', String(primeHits));
  await Promise.all([all.says('listening'), some.says('listening')]);
  lucky.tell('go');
  const [heard, thirteen] = [await all.outcome, await some.outcome];
  expect(lengths(thirteen.stdout)).toEqual(Array.from({ length: primeHits }, () => 13));
  expect(readLines(thirteen.stdout).at(-1)).toMatchObject({ summary: { matched: primeHits, delivered: primeHits, lost: 0, throttled: 0 } }); // prettier-ignore
  const names = new Set(readLines(heard.stdout).flatMap(({ event }) => event ?? []));
  expect(names).toEqual(new Set(['net.send', 'net.receive']));
  lucky.process.stdin?.end();
  expect(await lucky.outcome).toMatchObject({ code: 0, signal: null });
});

const script = 'event lucky13 { len: u32 }; probe net.send { if ($len == 13) throw event lucky13 { len = $len } }'; // prettier-ignore

it('a script in another terminal throws what the debugger waits for, and takes it away when it ends', async (context) => {
  need(context, 'gcc', 'gdb');
  await using lucky = await startNative('lucky', [String(rounds)]);
  await using debug = PipedDebugger.start(lucky.pid);
  // Nobody has registered the name yet.
  expect(await debug.ask('catch lucky13')).toMatch(/No event type has that name yet/);
  await using armed = startExtev(['listen', String(lucky.pid), 'registry.armed', '--where', 'name == "net.send"', '--json']); // prettier-ignore
  await armed.says('listening');
  await using run = startExtev(['run', '-e', script, '-p', String(lucky.pid)]);
  await run.says('runs in process');
  // For the script, and for the catch that has waited for its event.
  await until(
    () => readLines(armed.stdout).length >= 2,
    () => armed.stdout,
  );
  lucky.tell('go');
  for (let n = 0; n < 7; n++) {
    const said = await debug.ask('continue');
    expect(said).toMatch(/^Catchpoint 1, lucky13 in thread 1 /m);
    expect(said).toMatch(/^ {2}len = 13$/m);
    expect(await debug.ask('print way')).toMatch(new RegExp(`^${n % 4}$`, 'm'));
  }
  run.process.kill('SIGINT');
  await run.outcome;
  // Four more sends of 13 bytes pass; the next stop is the end.
  lucky.process.stdin?.end();
  expect(await debug.ask('continue')).toMatch(/exited/);
  expect(await lucky.outcome).toMatchObject({ code: 0, signal: null });
});
