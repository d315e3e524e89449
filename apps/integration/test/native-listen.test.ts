import { describe, expect, it } from 'vitest';
import { extev, readLines, startExtev } from './support-cli/extev.ts';
import { compile, has, isRoot, numberAfter, startNative } from './support-cli/native.ts';

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
    const { code, stderr, stdout } = await extev('listen', 'perfmon.overflow', ...request, '--json', '--', compile('hot')); // prettier-ignore
    const lines = readLines(stdout);
    expect(lines.length).toBeGreaterThan(20);
    expect(stderr).toContain('done some');
    expect(code).toBe(0);
  });
});
