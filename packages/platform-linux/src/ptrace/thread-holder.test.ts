import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { kill } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { compileTarget, hasCompiler, removeTargets, soon, startTarget, stateOf, tracerOf } from '../../fixtures/ptrace/target.ts'; // prettier-ignore
import type { Target } from '../../fixtures/ptrace/target.ts';
import { Ptrace, ThreadHolder } from './index.ts';
import type { HeldSignal, SignalVerdict, ThreadEnd } from './index.ts';

const sigurg = 23;
let binary = '';
let ptrace: Ptrace;

beforeAll(async () => {
  ptrace = await Ptrace.load();
  if (hasCompiler()) binary = compileTarget();
});
afterAll(removeTargets);

interface Held extends Disposable {
  readonly target: Target;
  readonly holder: ThreadHolder;
  readonly signals: HeldSignal[];
  readonly ends: [number, ThreadEnd][];
}

function hold(
  context: TestContext,
  mode: string,
  more: string[] = [],
  verdict: (signal: HeldSignal) => SignalVerdict = () => 'pass',
): Held {
  if (binary === '') context.skip('needs gcc: the target is a C program');
  const target = startTarget(binary, mode, ...more);
  const signals: HeldSignal[] = [];
  const ends: [number, ThreadEnd][] = [];
  const holder = new ThreadHolder(ptrace, {
    onSignal: (signal) => {
      signals.push(signal);
      return verdict(signal);
    },
    onEnd: (tid, why) => void ends.push([tid, why]),
  });
  const dispose = (): void => {
    holder[Symbol.dispose]();
    target[Symbol.dispose]();
  };
  try {
    holder.seize(target.pid);
  } catch (error) {
    dispose();
    context.skip(`needs ptrace: ${String(error)}`);
  }
  return { target, holder, signals, ends, [Symbol.dispose]: dispose };
}

const runsOn = async (target: Target, i = 0): Promise<void> => {
  const before = target.read().loops[i] ?? 0;
  await soon(() => (target.read().loops[i] ?? 0) > before + 3, `thread ${i} to run on`);
};

const tidOf = (target: Target, i: number): Promise<number> =>
  soon(() => target.read().tids[i] || undefined, `thread ${i}`);

// While it makes a thread, a thread takes no signals, and one that has just been made finds what is
// pending for its process when it takes some again: in both cases another than the main thread gets it.
const allThreads = (target: Target, count = 4): Promise<boolean> =>
  soon(
    () =>
      target
        .read()
        .loops.slice(0, count)
        .every((turns) => turns > 0),
    'all threads to be on their way',
  );

describe('held threads', () => {
  it('take every signal, with all that it carries, and hear of each once', async (context) => {
    using held = hold(context, 'signals');
    const { target, holder, signals } = held;
    const tid = await tidOf(target, 1);
    holder.seize(tid);
    target.go();
    await soon(() => target.read().signals >= 499, 'its 499 signals');
    const { signals: taken, sum, wrong } = target.read();
    expect({ taken, sum, wrong }).toEqual({ taken: 499, sum: (499 * 500) / 2, wrong: 0 });
    expect(signals).toHaveLength(499);
    expect(signals[0]).toEqual({ tid, signal: 35, siCode: -1 });
  });

  it('do not take the signal that is swallowed, nor notice it', async (context) => {
    using held = hold(context, 'signals', [], ({ signal }) => (signal === sigurg ? 'swallow' : 'pass')); // prettier-ignore
    const { target, signals } = held;
    await allThreads(target, 2);
    for (let i = 1; i <= 13; i++) {
      kill(target.pid, sigurg);
      await soon(() => signals.length === i, 'the signal');
    }
    await runsOnOrWaits(target);
    expect(target.read().urgent).toBe(0);
    expect(signals.every(({ siCode }) => siCode === 0)).toBe(true);
  });

  it('stay stopped while a verdict holds them, and the others run', async (context) => {
    using held = hold(context, 'count', [], ({ signal }) => (signal === sigurg ? 'hold' : 'pass'));
    const { target, holder, signals } = held;
    await allThreads(target);
    kill(target.pid, sigurg);
    await soon(() => signals.length === 1, 'the signal');
    expect(holder.isHeld(target.pid)).toBe(true);
    const before = target.read().loops[0];
    await runsOn(target, 1);
    expect(target.read().loops[0]).toBe(before);
    expect(ptrace.registers(target.pid)).toHaveProperty(process.arch === 'x64' ? 'rip' : 'pc');
    holder.resume(target.pid);
    holder.resume(target.pid);
    expect(holder.isHeld(target.pid)).toBe(false);
    await runsOn(target);
  });

  it('are let go, held or not, when the holder is disposed', async (context) => {
    using held = hold(context, 'count', [], () => 'hold');
    const { target, holder, signals } = held;
    for (const i of [1, 2, 3]) holder.seize(await tidOf(target, i));
    kill(target.pid, sigurg);
    await soon(() => signals.length === 1, 'the signal');
    holder[Symbol.dispose]();
    expect(holder.tids).toEqual([]);
    for (const i of [0, 1, 2, 3]) {
      expect(tracerOf(await tidOf(target, i))).toBe(0);
      await runsOn(target, i);
    }
  });

  it('may be let go and held again, many times', async (context) => {
    using held = hold(context, 'count');
    const { target, holder } = held;
    for (let i = 0; i < 97; i++) {
      holder.release(target.pid);
      await soon(() => holder.tids.length === 0, 'its leaving');
      holder.seize(target.pid);
    }
    await runsOn(target);
    expect(holder.tids).toEqual([target.pid]);
  });

  it('wait on in epoll_wait when a signal is swallowed', async (context) => {
    using held = hold(context, 'epoll', [], () => 'swallow');
    const { target, signals } = held;
    for (let i = 1; i <= 13; i++) {
      await soon(() => stateOf(target.pid) === 'S', 'its waiting');
      kill(target.pid, sigurg);
      await soon(() => signals.length === i, 'the signal');
    }
    await soon(() => stateOf(target.pid) === 'S', 'its waiting again');
    expect(target.read()).toMatchObject({ interrupted: 0, loops: [1, 0, 0, 0] });
  });

  it('wait on in epoll_wait when they are let go', async (context) => {
    using held = hold(context, 'epoll');
    const { target, holder } = held;
    await soon(() => stateOf(target.pid) === 'S', 'its waiting');
    holder[Symbol.dispose]();
    await soon(() => stateOf(target.pid) === 'S', 'its waiting again');
    expect(tracerOf(target.pid)).toBe(0);
    expect(target.read()).toMatchObject({ interrupted: 0, loops: [1, 0, 0, 0] });
  });
});

async function runsOnOrWaits(target: Target): Promise<void> {
  await soon(() => /[SR]/.test(stateOf(target.pid) ?? ''), 'the target to run');
}

describe('what a program does while it is held', () => {
  it('stops and continues with its job', async (context) => {
    using held = hold(context, 'count');
    const { target, holder } = held;
    for (const i of [1, 2, 3]) holder.seize(await tidOf(target, i));
    for (let round = 0; round < 7; round++) {
      kill(target.pid, 'SIGSTOP');
      await soon(() => [0, 1, 2, 3].every((i) => stateOf(target.read().tids[i] ?? 0) === 't'), 'the stop'); // prettier-ignore
      const before = target.read().loops;
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 3));
      expect(target.read().loops).toEqual(before);
      kill(target.pid, 'SIGCONT');
      for (const i of [0, 1, 2, 3]) await runsOn(target, i);
    }
  });

  it('stays stopped when it is let go within a stop', async (context) => {
    using held = hold(context, 'count');
    const { target, holder } = held;
    for (const i of [1, 2, 3]) holder.seize(await tidOf(target, i));
    kill(target.pid, 'SIGSTOP');
    await soon(() => [0, 1, 2, 3].every((i) => stateOf(target.read().tids[i] ?? 0) === 't'), 'the stop'); // prettier-ignore
    holder[Symbol.dispose]();
    await soon(() => stateOf(target.pid) === 'T', 'the stop without tracer');
    const before = target.read().loops;
    kill(target.pid, 'SIGCONT');
    for (const i of [0, 1, 2, 3]) await runsOn(target, i);
    expect(before).not.toEqual(target.read().loops);
  });

  it('makes threads, which nobody traces', async (context) => {
    using held = hold(context, 'threads');
    const { target, holder } = held;
    await runsOn(target);
    const { loops } = target.read();
    await soon(() => (target.read().loops[0] ?? 0) > (loops[0] ?? 0) + 97, '97 more threads');
    expect(holder.tids).toEqual([target.pid]);
  });

  it('becomes another program, and is let go', async (context) => {
    using held = hold(context, 'exec', ['sleep 0.2; echo went on']);
    const { target, ends, holder } = held;
    target.go();
    await soon(() => ends.length > 0, 'the exec');
    expect(ends).toEqual([[target.pid, 'exec']]);
    expect(holder.tids).toEqual([]);
    await soon(() => target.status() === 0, 'its end');
    expect(target.output()).toBe('went on\n');
  });

  it.for<[string, number[]]>([
    ['the executing thread alone', [1]],
    ['the main thread alone', [0]],
    ['both', [0, 1]],
  ])('becomes another program by a second thread, with %s held', async ([, which], context) => {
    using held = hold(context, 'thread-exec', ['echo went on']);
    const { target, holder, ends } = held;
    const tid = await tidOf(target, 1);
    if (which.includes(1)) holder.seize(tid);
    if (!which.includes(0)) holder.release(target.pid);
    await soon(() => holder.tids.length === which.length, 'the threads');
    target.go();
    await soon(() => target.status() === 0, 'its end');
    expect(target.output()).toBe('went on\n');
    await soon(() => holder.tids.length === 0, 'their end');
    expect(ends).toHaveLength(which.length);
  });

  it('exits, and its parent hears how', async (context) => {
    using held = hold(context, 'exit');
    const { target, ends } = held;
    target.go();
    await soon(() => target.status() !== undefined, "its parent's news");
    expect(target.status()).toBe(13);
    expect(ends).toEqual([[target.pid, 'exited']]);
  });

  it('is killed, also while it is held', async (context) => {
    using held = hold(context, 'count', [], ({ signal }) => (signal === sigurg ? 'hold' : 'pass'));
    const { target, holder, ends, signals } = held;
    await allThreads(target);
    kill(target.pid, sigurg);
    await soon(() => signals.length === 1, 'the signal');
    kill(target.pid, 'SIGKILL');
    await soon(() => target.status() !== undefined, "its parent's news");
    expect(target.status()).toBe(137);
    expect(ends).toEqual([[target.pid, 'exited']]);
    holder.resume(target.pid);
  });

  it('dies of a signal that it does not handle, as ever', async (context) => {
    using held = hold(context, 'count');
    const { target, signals } = held;
    await allThreads(target);
    kill(target.pid, 'SIGTERM');
    await soon(() => target.status() !== undefined, "its parent's news");
    expect(target.status()).toBe(143);
    expect(signals).toEqual([{ tid: target.pid, signal: 15, siCode: 0 }]);
  });
});

describe('a holder that is killed', () => {
  // `npm run soak` has them killed by the hundred.
  const kills = Number(process.env['EXTEV_HOLDER_KILLS'] ?? 12);

  it(`leaves the program running, ${kills} times`, { timeout: 600_000 }, async (context) => {
    if (binary === '') context.skip('needs gcc: the target is a C program');
    using one = startTarget(binary, 'calm');
    using two = startTarget(binary, 'calm');
    const rounds = [one, two].map(async (target, lane) => {
      const tids = await Promise.all([0, 1, 2, 3].map((i) => tidOf(target, i)));
      for (let round = lane; round < kills; round += 2) {
        const isReady = await holdAndKill(target, tids, round);
        if (!isReady) context.skip('needs ptrace: the tracer could not seize the threads');
        for (const i of [0, 1, 2, 3]) await runsOn(target, i);
        for (const tid of tids) expect(tracerOf(tid)).toBe(0);
      }
    });
    await Promise.all(rounds);
  });
});

/** A tracer of all threads is killed at some moment while they take signals. */
async function holdAndKill(
  target: Target,
  tids: readonly number[],
  round: number,
): Promise<boolean> {
  // Most of a tracer's life would go by in compiling it.
  const env = { ...process.env, NODE_COMPILE_CACHE: `${binary}-cache` };
  const script = new URL('../../fixtures/ptrace/tracer.ts', import.meta.url).pathname;
  const tracer = spawn(process.execPath, ['--conditions=@extension-events/source', '--no-warnings', script, ...tids.map(String)], { stdio: ['ignore', 'pipe', 'ignore'], env }); // prettier-ignore
  const exit = once(tracer, 'exit');
  const ready = await Promise.race([once(tracer.stdout, 'data'), exit.then(() => undefined)]);
  if (ready === undefined) return false;
  // The moments are spread over what a tracer does: nothing, a signal on its way, a thread held.
  const sends = round % 11;
  for (let i = 0; i < sends; i++) {
    kill(target.pid, round % 2 === 0 ? sigurg : 'SIGCONT');
    if (i % 3 === 1) await new Promise((resolve) => setImmediate(resolve));
  }
  if (round % 5 === 4) kill(target.pid, 'SIGSTOP');
  tracer.kill('SIGKILL');
  await exit;
  if (round % 5 === 4) kill(target.pid, 'SIGCONT');
  return true;
}
