import { readFileSync, readlinkSync } from 'node:fs';
import { kill } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { compileTarget, hasCompiler, removeTargets, soon, startTarget, stateOf, tracerOf } from '../../fixtures/ptrace/target.ts'; // prettier-ignore
import type { Target } from '../../fixtures/ptrace/target.ts';
import { createSymbols } from '../symbols/index.ts';
import { ExecStop, Ptrace } from './index.ts';

let binary = '';
let ptrace: Ptrace;

beforeAll(async () => {
  ptrace = await Ptrace.load();
  if (hasCompiler()) binary = compileTarget();
});
afterAll(removeTargets);

interface Waiting extends Disposable {
  readonly target: Target;
  readonly stop: ExecStop;
  readonly news: string[];
}

/** A program that becomes another one when it is told to. */
function waitForExec(context: TestContext, ...program: string[]): Waiting {
  if (binary === '') context.skip('needs gcc: the target is a C program');
  const target = startTarget(binary, 'exec', ...program);
  const news: string[] = [];
  try {
    const listener = { onReached: () => news.push('reached'), onEnd: () => news.push('end') };
    const stop = new ExecStop(ptrace, target.pid, listener);
    const dispose = (): void => {
      stop[Symbol.dispose]();
      target[Symbol.dispose]();
    };
    return { target, stop, news, [Symbol.dispose]: dispose };
  } catch (error) {
    target[Symbol.dispose]();
    return context.skip(`needs ptrace: ${String(error)}`);
  }
}

async function reach({ target, news }: Waiting): Promise<void> {
  target.go();
  await soon(() => news.length > 0, 'the exec');
  expect(news).toEqual(['reached']);
}

describe('a process that waits for its exec', () => {
  it('stands as the new program, of which nothing has run', async (context) => {
    using waiting = waitForExec(context, 'echo went on');
    const { target } = waiting;
    const { pid } = target;
    await reach(waiting);
    expect(stateOf(pid)).toBe('t');
    expect(readlinkSync(`/proc/${pid}/exe`)).not.toBe(binary);
    // No library yet: its loader maps them.
    expect(readFileSync(`/proc/${pid}/maps`, 'utf8')).not.toContain('libc');
    expect(target.output()).toBe('');
    waiting.stop.begin();
    await soon(() => target.status() === 0, 'its end');
    expect(target.output()).toBe('went on\n');
    expect(waiting.news).toEqual(['reached']);
  });

  it('has its own symbols there, and is asked to come again for those of its libraries', async (context) => {
    using waiting = waitForExec(context, 'echo went on');
    await reach(waiting);
    const symbols = createSymbols(waiting.target.pid);
    // The shell: whatever it is, it has no such function, and its libc is still to come.
    await expect(symbols.find('malloc')).rejects.toMatchObject({
      code: 'EE_SYMBOL_UNKNOWN',
      message: expect.stringContaining('has mapped no library yet'),
    });
    symbols.close();
  });

  it('takes its signals while it waits, and stops and goes on with its job', async (context) => {
    using waiting = waitForExec(context, 'echo went on');
    const { pid } = waiting.target;
    kill(pid, 'SIGSTOP');
    await soon(() => stateOf(pid) === 't', 'the stop of its job');
    kill(pid, 'SIGCONT');
    await soon(() => stateOf(pid) !== 't', 'its going on');
    await reach(waiting);
    expect(stateOf(pid)).toBe('t');
  });

  it('hears of an end before the exec', async (context) => {
    using waiting = waitForExec(context, 'echo went on');
    kill(waiting.target.pid, 'SIGTERM');
    await soon(() => waiting.target.status() === 143, 'its end');
    await soon(() => waiting.news.length > 0, 'the news');
    expect(waiting.news).toEqual(['end']);
  });

  it('is killed where it stands', async (context) => {
    using waiting = waitForExec(context, 'echo went on');
    await reach(waiting);
    kill(waiting.target.pid, 'SIGKILL');
    await soon(() => waiting.target.status() === 137, 'its end');
    await soon(() => waiting.news.length > 1, 'the news');
    expect(waiting.news).toEqual(['reached', 'end']);
  });

  it('goes on unheld when it is let go before its exec', async (context) => {
    using waiting = waitForExec(context, 'echo went on');
    waiting.stop.begin();
    expect(tracerOf(waiting.target.pid)).toBe(0);
    waiting.target.go();
    await soon(() => waiting.target.status() === 0, 'its end');
    expect(waiting.target.output()).toBe('went on\n');
    expect(waiting.news).toEqual([]);
  });

  it('is left stopped for another tracer, which finds it before its first instruction', async (context) => {
    using waiting = waitForExec(context, 'echo went on');
    const { target } = waiting;
    const { pid } = target;
    await reach(waiting);
    const before = ptrace.registers(pid);
    expect(waiting.stop.stepAside()).toBe(true);
    await soon(() => stateOf(pid) === 'T' && tracerOf(pid) === 0, 'its standing untraced');
    ptrace.seize(pid);
    ptrace.interrupt(pid);
    ptrace.waitFor(pid, true);
    expect(ptrace.registers(pid)).toEqual({ ...before, ...restarted(ptrace.registers(pid)) });
    expect(target.output()).toBe('');
    ptrace.detach(pid);
    waiting.stop.begin();
    await soon(() => target.status() === 0, 'its end');
    expect(target.output()).toBe('went on\n');
  });
});

// What the kernel keeps about the call that has just ended: not the program's.
function restarted({ orig_rax: call, rax }: Readonly<Record<string, bigint>>): object {
  return { orig_rax: call, rax };
}
