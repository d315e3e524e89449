import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { compileTarget, hasCompiler, markerOffset, removeTargets, soon, startTarget, stateOf, tracerOf, until } from '../../fixtures/ptrace/target.ts'; // prettier-ignore
import type { Target } from '../../fixtures/ptrace/target.ts';
import { hasBlockStep, Ptrace } from './index.ts';

let binary = '';
let ptrace: Ptrace;

beforeAll(async () => {
  ptrace = await Ptrace.load();
  if (hasCompiler()) binary = compileTarget();
});
afterAll(removeTargets);

export function start(context: TestContext, mode: string, ...more: string[]): Target {
  if (binary === '') context.skip('needs gcc: the target is a C program');
  const target = startTarget(binary, mode, ...more);
  try {
    ptrace.seize(target.pid);
    ptrace.interrupt(target.pid);
    ptrace.waitFor(target.pid, true);
    ptrace.detach(target.pid);
  } catch (error) {
    target[Symbol.dispose]();
    context.skip(`needs ptrace: ${String(error)}`);
  }
  return target;
}

describe('tracing a thread', () => {
  it('does not stop it, and stops it when asked', async (context) => {
    using target = start(context, 'count');
    ptrace.seize(target.pid);
    const before = target.read().loops[0] ?? 0;
    await soon(() => (target.read().loops[0] ?? 0) > before + 5, 'its running on');
    ptrace.interrupt(target.pid);
    expect(ptrace.waitFor(target.pid, true)).toEqual({ kind: 'interrupt' });
    expect(stateOf(target.pid)).toBe('t');
    const stopped = target.read().loops;
    await soon(() => (target.read().loops[1] ?? 0) > (stopped[1] ?? 0) + 5, 'another thread');
    expect(target.read().loops[0]).toBe(stopped[0]);
    ptrace.detach(target.pid);
    await soon(() => (target.read().loops[0] ?? 0) > (stopped[0] ?? 0), 'its running on');
    expect(tracerOf(target.pid)).toBe(0);
  });

  it('reads registers and memory, as /proc has them', (context) => {
    using target = start(context, 'count');
    const tid = until(() => target.read().tids[3] || undefined, 'the spinning thread');
    ptrace.seize(tid);
    ptrace.interrupt(tid);
    ptrace.waitFor(tid, true);
    const registers = ptrace.registers(tid);
    const code = ptrace.readMemory(tid, registers['rip'] ?? registers['pc'] ?? 0n, 8);
    expect(code.length).toBe(8);
    expect(code.some((byte) => byte !== 0)).toBe(true);
    const marker = ptrace.readMemory(tid, target.address() + BigInt(markerOffset), 8);
    expect([...marker]).toEqual([0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11]);
    expect(ptrace.readMemory(tid, 0x10n, 8)).toEqual(new Uint8Array());
    expect(ptrace.readMemory(tid, 0xffff_ffff_8000_0000n, 8)).toEqual(new Uint8Array());
    ptrace.setRegisters(tid, registers);
    expect(ptrace.registers(tid)).toEqual(registers);
    ptrace.detach(tid);
  });

  it('steps by one instruction at a time', (context) => {
    using target = start(context, 'count');
    const tid = until(() => target.read().tids[3] || undefined, 'the spinning thread');
    ptrace.seize(tid);
    ptrace.interrupt(tid);
    ptrace.waitFor(tid, true);
    const seen = new Set<bigint>();
    for (let i = 0; i < 97; i++) {
      ptrace.singleStep(tid);
      expect(ptrace.waitFor(tid, true)).toEqual({ kind: 'signal', signal: 5 });
      expect(ptrace.siginfo(tid)).toEqual({ signal: 5, siCode: 2 });
      seen.add(ptrace.registers(tid)['rip'] ?? 0n);
    }
    expect(seen.size).toBeGreaterThan(2); // a loop of a few instructions
    expect(seen.size).toBeLessThan(30);
    ptrace.detach(tid);
  });

  it('hears of its end', async (context) => {
    using target = start(context, 'exit');
    ptrace.seize(target.pid);
    expect(ptrace.waitFor(target.pid)).toBeUndefined();
    target.go();
    expect(ptrace.waitFor(target.pid, true)).toEqual({ kind: 'exited', code: 13 });
    await soon(() => target.status() !== undefined, "its parent's news");
    expect(target.status()).toBe(13);
    expect(() => ptrace.waitFor(target.pid)).toThrow(expect.objectContaining({ code: 'EE_PTRACE_GONE' })); // prettier-ignore
    expect(() => ptrace.interrupt(target.pid)).toThrow(expect.objectContaining({ code: 'EE_PTRACE_GONE' })); // prettier-ignore
  });
});

describe('a refusal', () => {
  it('names the tracer of a thread that is traced already', (context) => {
    using target = start(context, 'count');
    ptrace.seize(target.pid);
    expect(() => ptrace.seize(target.pid)).toThrow(
      expect.objectContaining({
        code: 'EE_PTRACE_BUSY',
        message: expect.stringMatching(new RegExp(`by process ${process.pid} \\(`)),
      }),
    );
    ptrace.interrupt(target.pid);
    ptrace.waitFor(target.pid, true);
    ptrace.detach(target.pid);
  });

  it.each([0x3ffffff, 2 ** 31 - 1, 0])('says that there is no thread %d', (tid) => {
    expect(() => ptrace.seize(tid)).toThrow(expect.objectContaining({ code: 'EE_PTRACE_GONE' }));
    expect(() => ptrace.readMemory(tid, 0n, 1)).toThrow(expect.objectContaining({ code: 'EE_PTRACE_GONE' })); // prettier-ignore
  });

  it('says that a process cannot trace itself', () => {
    expect(() => ptrace.seize(process.pid)).toThrow(expect.objectContaining({ code: 'EE_PTRACE_PERMISSION' })); // prettier-ignore
  });

  it('says that the first process is not to be traced by an ordinary user', (context) => {
    if (process.getuid?.() === 0) context.skip('needs an ordinary user: root may trace it');
    expect(() => ptrace.seize(1)).toThrow(expect.objectContaining({ code: 'EE_PTRACE_PERMISSION' })); // prettier-ignore
  });

  it("says so of another user's thread", (context) => {
    if (process.getuid?.() !== 0) context.skip('needs root: it starts a program as another user');
    using target = start(context, 'count');
    const text = `import { Ptrace } from ${JSON.stringify(new URL('index.ts', import.meta.url).href)};
      (await Ptrace.load()).seize(${target.pid});`;
    const args = ['--reuid', '1001', '--regid', '1001', '--clear-groups', process.execPath, '--conditions=@extension-events/source', '--input-type=module', '-e', text]; // prettier-ignore
    const { stderr } = spawnSync('setpriv', args, { encoding: 'utf8', cwd: '/' });
    if (/EACCES|ENOENT|ERR_MODULE/.test(stderr)) context.skip('needs root: the repository is not readable for others'); // prettier-ignore
    expect(stderr).toContain('EE_PTRACE_PERMISSION');
    expect(stderr).toContain('user 0');
  });

  it('says that a thread must be stopped first', (context) => {
    using target = start(context, 'count');
    expect(() => ptrace.registers(target.pid)).toThrow(
      expect.objectContaining({ code: 'EE_PTRACE_STATE', message: expect.stringContaining('nobody traces it') }), // prettier-ignore
    );
    ptrace.seize(target.pid);
    expect(() => ptrace.cont(target.pid)).toThrow(
      expect.objectContaining({ code: 'EE_PTRACE_STATE', message: expect.stringContaining('not stopped') }), // prettier-ignore
    );
    ptrace.interrupt(target.pid);
    ptrace.waitFor(target.pid, true);
    ptrace.detach(target.pid);
  });
});

describe('block steps', () => {
  it('are believed only when they were seen', (context) => {
    const before = sleepers();
    const { works, seen } = hasBlockStep(ptrace);
    if (seen.startsWith('It could not')) context.skip(`needs ptrace: ${seen}`);
    expect(seen).toMatch(works ? /ran to behind/ : /advanced by/);
    expect(sleepers()).toEqual(before);
  });
});

function sleepers(): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => tracerOf(Number(pid)) === process.pid);
}
