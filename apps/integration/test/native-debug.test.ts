import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, type TestContext } from 'vitest';
import type { Child, Outcome } from './support-cli/child.ts';
import { startExtev } from './support-cli/extev.ts';
import {
  has,
  needDataBreakpoint,
  needSendLength,
  numberAfter,
  startNative,
} from './support-cli/native.ts';

const hasGcc = has('gcc');
const hasGdb = has('gdb');

function needDebugger(context: TestContext): void {
  if (!hasGcc) context.skip('needs gcc: it compiles the program');
  if (!hasGdb) context.skip('needs gdb: it holds native threads');
}

/** Runs a debugger over these commands, to its end. */
async function debug(target: Child, ...commands: string[]): Promise<Outcome> {
  await using child = startExtev(['debug', String(target.pid), '--batch', '--timeout', '60000']);
  child.process.stdin?.end(`${commands.join('\n')}\n`);
  return await child.outcome;
}

async function endsAsEver(target: Child, code: number): Promise<void> {
  target.process.stdin?.end();
  expect(await target.outcome).toMatchObject({ code, signal: null });
}

describe('extev debug on a program that is not Node.js', () => {
  it('breaks on a hot spot, exactly there', async (context) => {
    needDebugger(context);
    await using hot = await startNative('hot');
    const { code, stdout } = await debug(hot, 'catch hot-spot', 'continue', 'bt', 'info registers', 'info locals'); // prettier-ignore
    expect(stdout).toMatch(/hot-spot.*in thread/);
    expect(stdout).toMatch(/#0 +checksum.*hot\.c:\d+/);
    expect(stdout).toMatch(/sum = sum \* 33/);
    expect(stdout).toMatch(/#1 +.*work/);
    expect(stdout).toMatch(/rip/);
    expect(stdout).toMatch(new RegExp(`tid ${numberAfter(hot, 'worker')}`));
    expect(code).toBe(0);
    await endsAsEver(hot, 7);
  });

  it('stops the thread that sends 13 bytes, inside that send', async (context) => {
    needDebugger(context);
    needSendLength(context);
    await using sender = await startNative('sender', ['2000', '5000']);
    sender.tell('go');
    const { code, stdout } = await debug(sender, 'catch tracepoint:sock:sock_send_length if ret == 13', 'continue', 'bt', 'print length'); // prettier-ignore
    expect(stdout).toMatch(/tracepoint:sock:sock_send_length/);
    expect(stdout).toMatch(/#\d+ +.*send_some/);
    expect(stdout).toMatch(/= 13$/m);
    expect(code).toBe(0);
    sender.tell('end');
    await endsAsEver(sender, 0);
  });

  it('stops the writer of a variable right after the write', async (context) => {
    needDebugger(context);
    needDataBreakpoint(context);
    await using writer = await startNative('writer');
    const pump = setInterval(() => writer.tell('3'), 50);
    const { code, stdout } = await debug(writer, 'catch hw-breakpoint.hit address=counter', 'continue', 'bt'); // prettier-ignore
    clearInterval(pump);
    expect(stdout).toMatch(/hw-breakpoint\.hit/);
    expect(stdout).toMatch(/#0 +bump/);
    expect(code).toBe(0);
    await endsAsEver(writer, 7);
  });

  it('refuses to catch on a thread that no signal reaches, and leaves none with it', async (context) => {
    needDebugger(context);
    await using deaf = await startNative('deaf');
    const { code, stdout } = await debug(deaf, 'catch perfmon.overflow counter=page-faults');
    expect(stdout).toMatch(/EE_PERF_SIGNAL_BLOCKED: .*\nhint: /);
    expect(code).toBe(1);
    deaf.tell('write');
    const status = readFileSync(`/proc/${deaf.pid}/status`, 'latin1');
    expect(/^SigPnd:\t(.*)$/m.exec(status)?.[1]).toBe('0000000000000000');
    await endsAsEver(deaf, 7);
  });

  it('names the threads that a catch cannot stop, when there are others', async (context) => {
    needDebugger(context);
    await using deaf = await startNative('deaf', ['half']);
    const { code, stdout } = await debug(deaf, 'catch perfmon.overflow counter=page-faults', 'catch perfmon.overflow'); // prettier-ignore
    const notes = [...stdout.matchAll(/^ {2}hard-of-hearing \(tid (\d+)\) is not stopped by it: SIGURG is blocked there/gm)]; // prettier-ignore
    expect(notes).toHaveLength(2);
    expect(Number(notes[0]?.[1])).not.toBe(deaf.pid);
    expect(code).toBe(0);
    await endsAsEver(deaf, 7);
  });

  it('leaves the program as it was when it is killed at any moment', async (context) => {
    needDebugger(context);
    await using hot = await startNative('hot');
    const rounds = Number(process.env['EXTEV_KILL_ROUNDS'] ?? 6);
    for (let i = 0; i < rounds; i++) {
      await using child = startExtev(['debug', String(hot.pid)]);
      child.tell('catch hot-spot cooldownMs=0 windowMs=200');
      child.tell('continue');
      if (i % 3 === 0) await child.says('#0');
      else await delay(i * 60);
      child.process.kill('SIGKILL');
      await child.outcome.catch(() => undefined);
    }
    await delay(500);
    expect(stateOf(hot.pid)).not.toMatch(/[tT]/);
    await endsAsEver(hot, 7);
  });
});

function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat[stat.lastIndexOf(')') + 2] ?? '';
}
