import { describe, expect, it } from 'vitest';
import { startFixture } from './support-cli/child.ts';
import { extev, readLines, startExtev } from './support-cli/extev.ts';
import { needDataBreakpoint, needSendLength } from './support-cli/native.ts';

describe('kernel events on a Node.js process', () => {
  it('are heard beside its own, without an agent when none is needed', async () => {
    await using busy = startFixture('busy.mjs');
    await busy.says('ready');
    const request = ['--request', 'counter=task-clock', '--request', 'period=10000000'];
    const { code, stdout } = await extev('listen', String(busy.pid), 'perfmon.overflow', ...request, '--max-hit', '11', '--json'); // prettier-ignore
    const lines = readLines(stdout);
    expect(lines.slice(0, -1).map(({ event }) => event)).toEqual(Array.from({ length: 11 }, () => 'perfmon.overflow')); // prettier-ignore
    expect(code).toBe(0);
    expect(busy.stderr).not.toContain('Debugger');
  });

  it('stop the JavaScript thread that sends 13 bytes, and show its stack', async (context) => {
    needSendLength(context);
    await using sender = startFixture('sender.mjs');
    await sender.says('ready');
    await using debug = startExtev(['debug', String(sender.pid), '--batch']);
    debug.process.stdin?.end('catch tracepoint:sock:sock_send_length if ret == 13\ncontinue\nbt\n');
    const { code, stdout } = await debug.outcome;
    expect(stdout).toMatch(/tracepoint:sock:sock_send_length/);
    expect(stdout).toMatch(/sendReport/);
    expect(code).toBe(0);
    sender.process.stdin?.end();
    expect(await sender.outcome).toMatchObject({ code: 5, signal: null });
  });

  it('stop the JavaScript thread that writes to a typed array', async (context) => {
    needDataBreakpoint(context);
    await using writer = startFixture('writer.mjs');
    await writer.says('ready');
    await using debug = startExtev(['debug', String(writer.pid), '--batch', '--write']);
    debug.process.stdin?.end('watch totals[7]\ncontinue\nbt\nprint totals[7]\n');
    const { code, stdout } = await debug.outcome;
    expect(stdout).toMatch(/hw-breakpoint\.hit/);
    // V8 stops before the element is written again: what was written is still there.
    const value = /value = ([\d,]+)$/m.exec(stdout)?.[1]?.replaceAll(',', '');
    // It is told when it could be read before the thread was let go.
    expect(stdout).toMatch(new RegExp(`print totals\\[7\\]\\n${value ?? '\\d+'}\\n`));
    expect(stdout).toMatch(/^#0 .* at \S+:\d+/m);
    expect(code).toBe(0);
    writer.process.stdin?.end();
    expect(await writer.outcome).toMatchObject({ code: 5, signal: null });
  });

  it('leave its hot spots to V8', async () => {
    await using busy = startFixture('busy.mjs');
    await busy.says('ready');
    const { stdout } = await extev('listen', String(busy.pid), 'hot-spot', '--max-hit', '1', '--timeout', '60000', '--json'); // prettier-ignore
    expect(readLines(stdout)[0]?.['payload']).toMatchObject({ source: 'v8', function: 'countPrimes' }); // prettier-ignore
  });
});
