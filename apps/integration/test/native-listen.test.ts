import { describe, expect, it } from 'vitest';
import { extev, readLines, startExtev } from './support-cli/extev.ts';
import {
  compile,
  has,
  isRoot,
  needDataBreakpoint,
  numberAfter,
  startNative,
} from './support-cli/native.ts';

const hasGcc = has('gcc');

describe('extev listen on a program that is not Node.js', () => {
  it('counts the sends of 13 bytes of each thread, exactly', async (context) => {
    if (!hasGcc) context.skip('needs gcc: it compiles the program');
    if (!isRoot) context.skip('needs root: sock:* tracepoints are not for everybody');
    await using sender = await startNative('sender', ['100']);
    await sender.says('second');
    const args = ['tracepoint:sock:sock_send_length', '--where', 'ret == 13', '--json'];
    await using listen = startExtev(['listen', String(sender.pid), ...args, '--max-hit', '40']);
    await listen.says('listening to');
    sender.tell('go');
    const lines = readLines((await listen.outcome).stdout);
    expect(lines.pop()).toEqual({ v: 1, summary: { matched: 40, delivered: 40, lost: 0, throttled: 0 } }); // prettier-ignore
    const first = numberAfter(sender, 'first');
    const second = numberAfter(sender, 'second');
    expect(lines.filter(({ tid }) => tid === first)).toHaveLength(20);
    expect(lines.filter(({ tid }) => tid === second)).toHaveLength(20);
    for (const { event, payload, pid } of lines) {
      expect(event).toBe('tracepoint:sock:sock_send_length');
      expect(pid).toBe(sender.pid);
      expect(payload).toMatchObject({ ret: 13 });
    }
    sender.process.stdin?.end();
    expect(await sender.outcome).toMatchObject({ code: 0, signal: null });
  });

  it('sees each write of one thread to one variable', async (context) => {
    if (!hasGcc) context.skip('needs gcc: it compiles the program');
    needDataBreakpoint(context);
    await using writer = await startNative('writer');
    const listening = ['hw-breakpoint.hit', '--request', 'address=counter', '--json'];
    await using listen = startExtev(['listen', String(writer.pid), ...listening, '--max-hit', '101']); // prettier-ignore
    await listen.says('listening to');
    writer.tell('101');
    const { stdout } = await listen.outcome;
    const lines = readLines(stdout);
    expect(lines.pop()).toMatchObject({ summary: { matched: 101, delivered: 101, lost: 0 } });
    for (const { payload, tid } of lines) {
      expect(tid).toBe(writer.pid);
      expect(payload).toMatchObject({ access: 'write', lengthBytes: 4, symbol: 'bump' });
    }
    await writer.says('wrote 101, counter 101');
    writer.process.stdin?.end();
    expect(await writer.outcome).toMatchObject({ code: 7, signal: null });
  });

  it('finds the hot function of a thread by samples', async (context) => {
    if (!hasGcc) context.skip('needs gcc: it compiles the program');
    await using hot = await startNative('hot');
    const { stdout } = await extev('listen', String(hot.pid), 'hot-spot', '--max-hit', '1', '--timeout', '60000', '--json'); // prettier-ignore
    const [line] = readLines(stdout);
    expect(line).toMatchObject({ event: 'hot-spot', tid: numberAfter(hot, 'worker') });
    expect(line?.['payload']).toMatchObject({ source: 'perf', symbol: 'checksum' });
    hot.process.stdin?.end();
    expect(await hot.outcome).toMatchObject({ code: 7, signal: null });
  });

  it('hears a program from its first instruction when it starts it', async (context) => {
    if (!hasGcc) context.skip('needs gcc: it compiles the program');
    const request = ['--request', 'counter=page-faults', '--request', 'period=1'];
    await using listen = startExtev(['listen', 'perfmon.overflow', ...request, '--json', '--', compile('hot')]); // prettier-ignore
    await listen.says('worker');
    setTimeout(() => listen.process.stdin?.end(), 300);
    const { code, stderr, stdout } = await listen.outcome;
    const lines = readLines(stdout);
    expect(lines.length).toBeGreaterThan(20);
    expect(stderr).toContain('done some');
    expect(code).toBe(0);
  });

  it('hears all of a catalogue’s names that a pattern stands for, and their stacks', async (context) => {
    if (!hasGcc) context.skip('needs gcc: it compiles the program');
    if (!isRoot) context.skip('needs root: sock:* tracepoints are not for everybody');
    await using sender = await startNative('sender', ['100', '2000']);
    await using listen = startExtev(['listen', String(sender.pid), 'tracepoint:sock:sock_*_length', '--where', 'ret == 13', '--stack=4', '--json', '--max-hit', '40']); // prettier-ignore
    await listen.says('listening to');
    sender.tell('go');
    const lines = readLines((await listen.outcome).stdout).slice(0, -1);
    const names = new Set(lines.map(({ event }) => event));
    expect(names).toEqual(new Set(['tracepoint:sock:sock_send_length', 'tracepoint:sock:sock_recv_length'])); // prettier-ignore
    const sent = lines.find(({ event }) => event === 'tracepoint:sock:sock_send_length');
    expect(sent?.['stack']).toEqual(expect.arrayContaining([expect.any(String)]));
  });

  it('loses nothing without saying so, however fast the program is gone', async (context) => {
    if (!hasGcc) context.skip('needs gcc: it compiles the program');
    if (!isRoot) context.skip('needs root: system calls of others are not for everybody');
    await using listen = startExtev(['listen', 'tracepoint:syscalls:sys_enter_sendto', '--where', 'len == 13', '--json', '--', compile('sender'), '50000'], { stdio: ['pipe', 'pipe', 'pipe'] }); // prettier-ignore
    await listen.says('second');
    listen.process.stdin?.end('go\nend\n');
    const { stdout } = await listen.outcome;
    const { summary } = readLines(stdout).at(-1) as { summary: { matched: number; delivered: number; lost: number } }; // prettier-ignore
    expect(summary.matched).toBe(20_000);
    expect(summary.delivered + summary.lost).toBe(20_000);
    expect(readLines(stdout)).toHaveLength(summary.delivered + 1);
  });

  it('hears a script of another language from when it is known to be one', async () => {
    const script = 'i=0; while :; do i=$(((i * 48271 + 1) % 2147483647)); done';
    const { stderr, stdout } = await extev('listen', 'hot-spot', '--max-hit', '1', '--json', '--', 'bash', '-c', script); // prettier-ignore
    expect(stderr).toMatch(/process \d+ runs no Node\.js: it is heard from now on/);
    expect(readLines(stdout)[0]?.['payload']).toMatchObject({ source: 'perf' });
  });
});
