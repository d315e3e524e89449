import { existsSync, rmSync } from 'node:fs';
import { release } from 'node:os';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type Child, fixture } from './support-cli/child.ts';
import { extev, readLines } from './support-cli/extev.ts';
import { compile, has, isRoot, needDataBreakpoint, numberAfter } from './support-cli/native.ts';
import { extevAsUser, needOrdinaryUser, startAsUser } from './support-cli/ordinary-user.ts';

const exported = `/var/lib/extension-events/tracepoints-${release()}.json`;
const wasExported = existsSync(exported);
// What the tests leave is what they found.
afterAll(() => {
  if (isRoot && !wasExported) rmSync(exported, { force: true });
});

beforeEach(async (context) => {
  if (!has('gcc')) context.skip('needs gcc: it compiles the program');
  await needOrdinaryUser(context);
});

/** A C program of that user. */
async function startProgram(name: string, args: readonly string[] = []): Promise<Child> {
  const child = startAsUser(compile(name), args);
  await child.says('ready');
  return child;
}

async function endsAsEver(program: Child, code: number): Promise<void> {
  program.process.stdin?.end();
  expect(await program.outcome).toMatchObject({ code, signal: null });
}

describe('an ordinary user, with a C program of their own', () => {
  it('hears its hot spot, by the clock of its threads', async () => {
    await using hot = await startProgram('hot');
    await using listen = extevAsUser('listen', String(hot.pid), 'hot-spot', '--max-hit', '1', '--timeout', '60000', '--json'); // prettier-ignore
    const { code, stdout } = await listen.outcome;
    const [event] = readLines(stdout);
    expect(event).toMatchObject({ event: 'hot-spot', tid: numberAfter(hot, 'worker') });
    expect(event?.['payload']).toMatchObject({ source: 'perf', symbol: 'checksum' });
    expect(code).toBe(0);
    await endsAsEver(hot, 7);
  });

  it('hears its system calls once root has exported the catalogue, and is told so before', async (context) => {
    if (wasExported) context.skip('needs no export: the catalogue is on this machine already');
    await using sender = await startProgram('sender', ['100']);
    await sender.says('second');
    const name = 'tracepoint:syscalls:sys_enter_sendto';
    const args = ['listen', String(sender.pid), name, '--where', 'len == 13', '--json', '--max-hit', '40']; // prettier-ignore
    await using early = extevAsUser(...args);
    const refusal = await early.outcome;
    expect(refusal.stderr).toMatch(/EE_TRACE\w+: [^]*hint: .*extev doctor --export-tracepoints/);
    expect(refusal.code).toBe(1);
    expect((await extev('doctor', '--export-tracepoints')).code).toBe(0);
    await using listen = extevAsUser(...args);
    await listen.says('listening to');
    sender.tell('go');
    const { code, stdout } = await listen.outcome;
    const lines = readLines(stdout);
    expect(lines.pop()).toMatchObject({ summary: { matched: 40, delivered: 40, lost: 0 } });
    const first = numberAfter(sender, 'first');
    expect(lines.filter(({ tid }) => tid === first)).toHaveLength(20);
    expect(code).toBe(0);
    await endsAsEver(sender, 0);
  });

  it('sees each write to one of its variables', async (context) => {
    needDataBreakpoint(context);
    await using writer = await startProgram('writer');
    await using listen = extevAsUser('listen', String(writer.pid), 'hw-breakpoint.hit', '--request', 'address=counter', '--json', '--max-hit', '101'); // prettier-ignore
    await listen.says('listening to');
    writer.tell('101');
    const { stdout } = await listen.outcome;
    expect(readLines(stdout).at(-1)).toMatchObject({ summary: { matched: 101, delivered: 101, lost: 0 } }); // prettier-ignore
    await endsAsEver(writer, 7);
  });

  it('counts its page faults, with other counters beside', async () => {
    const request = ['--request', 'counter=page-faults', '--request', 'period=1', '--request', 'with=minor-faults']; // prettier-ignore
    await using listen = extevAsUser('listen', 'perfmon.overflow', ...request, '--json', '--', compile('starter')); // prettier-ignore
    const { code, stderr, stdout } = await listen.outcome;
    const events = readLines(stdout).slice(0, -1);
    const counts = events.map(({ payload }) => (payload as { count: number }).count);
    expect(counts.length).toBeGreaterThan(20);
    expect(counts).toEqual(Array.from({ length: counts.length }, (_, at) => at + 1));
    expect(events[0]?.['payload']).toMatchObject({ values: '{"minor-faults":0}' });
    expect(stderr).toContain('counter 1009, other 101');
    expect(code).toBe(0);
  });

  it('stands at its start in the debugger, and breaks at the first pass of a function', async (context) => {
    if (!has('gdb')) context.skip('needs gdb: it holds native threads');
    await using debug = extevAsUser('debug', '--batch', '--', compile('starter'));
    debug.process.stdin?.end('break bump\ncontinue\nprint counter\n');
    const { code, stdout } = await debug.outcome;
    expect(stdout).toMatch(/#0 +bump \(by=1\).*starter\.c:\d+/);
    expect(stdout).toMatch(/^\(extev\) print counter\n0$/m);
    expect(code).toBe(0);
  });

  it.each([
    ['uprobe:PROGRAM:checksum', /EE_PERF_PERMISSION: uprobe .* was refused \(EACCES\)/, /CAP_SYS_ADMIN: run as root/],
    ['tracepoint:sock:inet_sock_set_state', /EE_\w+: /, /root|CAP_PERFMON/],
  ])('is told what %s needs', async (pattern, message, hint) => {
    await using hot = await startProgram('hot');
    await using listen = extevAsUser('listen', String(hot.pid), pattern.replace('PROGRAM', compile('hot'))); // prettier-ignore
    const { code, stderr } = await listen.outcome;
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(hint);
    expect(code).toBe(1);
    await endsAsEver(hot, 7);
  }); // prettier-ignore

  it('is kept out of a program of somebody else', async () => {
    await using listen = extevAsUser('listen', String(process.pid), 'hot-spot');
    const { code, stderr } = await listen.outcome;
    expect(stderr).toMatch(/EE_\w*PERMISSION: .*uid 0/);
    expect(code).toBe(1);
  });
});

describe('an ordinary user, with a Node.js program of their own', () => {
  it('hears its JavaScript and its kernel side', async () => {
    await using program = startAsUser(process.execPath, ['--inspect-port=0', fixture('busy.mjs')]);
    await using listen = extevAsUser('listen', String(program.pid), 'hot-spot', '--max-hit', '1', '--timeout', '60000', '--json'); // prettier-ignore
    const { code, stdout } = await listen.outcome;
    expect(readLines(stdout)[0]).toMatchObject({ event: 'hot-spot', payload: { source: 'v8' } });
    expect(code).toBe(0);
    await using clock = extevAsUser('listen', String(program.pid), 'perfmon.overflow', '--thread', `tid:${program.pid}`, '--max-hit', '3', '--timeout', '60000', '--json'); // prettier-ignore
    const counted = readLines((await clock.outcome).stdout);
    expect(counted[0]).toMatchObject({ tid: program.pid, payload: { counter: 'task-clock' } });
    expect(program.process.exitCode).toBe(null);
  });
});
