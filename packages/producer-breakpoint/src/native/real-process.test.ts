import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { getRegistry } from '@extension-events/core';
import { findPerfCapabilities, type LinuxHost, openLinuxHost } from '@extension-events/platform-linux'; // prettier-ignore
import { Ptrace } from '@extension-events/platform-linux/ptrace';
import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { disassemble, has, lineOf, NativeTarget, until } from '../../fixtures/native-target.ts';
import { createNativeBreakpointProducer } from '../index.ts';
import { HitSource } from './hit-source.ts';
import type { BreakpointHitPayload, StepPayload } from '../index.ts';

interface Heard<P> {
  readonly payload: P;
  readonly subject: { readonly tid: number; readonly threadId: number };
  readonly timestampNs: number;
}

const isRoot = process.getuid?.() === 0;
const hereLine = lineOf('/* here */');

let target: NativeTarget;
let host: LinuxHost & Disposable;
const registry = getRegistry();
let running: Disposable;
let problem = '';
let noRegisters = '';

beforeAll(async () => {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    problem = 'linux: this is another system'; // prettier-ignore
  else if (!has('gcc')) problem = 'gcc: it is not installed';
  if (problem !== '') return;
  const { breakpoints } = await findPerfCapabilities();
  if (!breakpoints.isOk) noRegisters = breakpoints.reason;
  target = await new NativeTarget().start();
  host = await openLinuxHost(target.pid);
  running = createNativeBreakpointProducer().start(registry, host);
});

afterAll(() => {
  running?.[Symbol.dispose]();
  host?.[Symbol.dispose]();
  target?.[Symbol.dispose]();
});

beforeEach((context) => {
  if (problem !== '') context.skip(`needs ${problem}`);
});

/** Listens until it is armed, or throws the refusal. */
async function listen<P>(name: string, request: Record<string, string | number>, tid?: number): Promise<{ heard: Heard<P>[]; [Symbol.dispose](): void }> {
  const heard: Heard<P>[] = [];
  const state: { isArmed?: boolean; error?: unknown } = {};
  const tap = registry.tap({
    mode: 'probe',
    pattern: name,
    request,
    ...(tid === undefined ? {} : { subject: { tid, threadId: -1 } }),
    run: ({ payload, subject, timestampNs }) => {
      heard.push({ payload, subject, timestampNs });
    },
    onArmed: () => (state.isArmed = true),
    onFailure: (_name, error) => (state.error = error),
  });
  await until(() => state.isArmed === true || state.error !== undefined, 'arming');
  if (state.error !== undefined) throw state.error;
  return { heard, [Symbol.dispose]: () => registry.untap(tap) };
} // prettier-ignore

function skipWithout(method: string, context: TestContext): void {
  if (method === 'uprobe' && !isRoot) context.skip('needs uprobe: only root may set them');
  if (method === 'hardware' && noRegisters !== '') context.skip(`needs data-breakpoint: ${noRegisters}`); // prettier-ignore
}

async function codeOf(request: Record<string, string>): Promise<unknown> {
  return listen('breakpoint.hit', request).then(
    () => undefined,
    ({ code }: { code: string }) => code,
  );
}

/** Listens as soon as the last tracer has gone. */
async function listenAgain(tid: number): Promise<Awaited<ReturnType<typeof listen<StepPayload>>>> {
  for (;;) {
    try {
      return await listen<StepPayload>('step', { count: 5, everyN: 5 }, tid);
    } catch (error) {
      if ((error as { code: string }).code !== 'EE_STEP_TRACED') throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

let passes = 0;
async function pass(count: number): Promise<void> {
  target.tell(`pass ${count}`);
  await target.says(/^passed (\d+)/m, ++passes);
}

let started = 0;
async function startThread(what: 'spin' | 'doze'): Promise<number> {
  target.tell(what);
  return Number(await target.says(/^(?:spinner|dozer) (\d+)/m, ++started));
}

/** Ends that thread; its work is `same` when every step of it was made as ever. */
function endThread(): Promise<string> {
  target.tell('end');
  return target.says(/^ended (\w+)/m, started);
}

describe('breakpoint.hit in native code', () => {
  it.for(['hardware', 'uprobe'])('tells each pass of a function by %s, exactly', async (method, context) => { // prettier-ignore
    skipWithout(method, context);
    using hits = await listen<BreakpointHitPayload>('breakpoint.hit', { location: 'handle_order', method, captures: 'rsi' }); // prettier-ignore
    await pass(1009);
    await until(() => hits.heard.length >= 1009, 'hits');
    expect(hits.heard.map(({ payload }) => payload.hits)).toEqual(Array.from({ length: 1009 }, (_, at) => at + 1)); // prettier-ignore
    const [first] = hits.heard;
    expect(first).toMatchObject({
      subject: { tid: target.pid, threadId: -1 },
      payload: { location: 'handle_order', symbol: 'handle_order', module: target.program, function: 'handle_order', method, values: '{"rsi":"0x3"}' }, // prettier-ignore
    });
    expect(first?.payload.pc).toBe((await host.symbols.find('handle_order')).address);
    expect(first?.payload.stack?.split('\n')[0]).toContain('handle_order');
    expect(first?.payload.stack).toContain('main');
  }); // prettier-ignore

  it.for(['hardware', 'uprobe'])('tells the passes of a line by %s', async (method, context) => {
    skipWithout(method, context);
    const location = `passes.c:${hereLine}`;
    using hits = await listen<BreakpointHitPayload>('breakpoint.hit', { location, method, stackDepth: 0 }); // prettier-ignore
    await pass(307);
    await until(() => hits.heard.length >= 307, 'hits');
    expect(hits.heard).toHaveLength(307);
    expect(hits.heard[0]?.payload).toMatchObject({ location, line: hereLine, method });
    expect(hits.heard[0]?.payload).not.toHaveProperty('stack');
  });

  it('takes a uprobe for one thread when it may, else a debug register, and says which', async (context) => {
    skipWithout('hardware', context);
    const location = 'handle_order';
    using all = await listen<BreakpointHitPayload>('breakpoint.hit', { location });
    using one = await listen<BreakpointHitPayload>('breakpoint.hit', { location }, target.pid);
    await pass(11);
    await until(() => one.heard.length >= 11 && all.heard.length >= 11, 'hits');
    expect(all.heard[0]?.payload.method).toBe('hardware');
    expect(one.heard[0]?.payload.method).toBe(isRoot ? 'uprobe' : 'hardware');
  });

  it('has more places than there are debug registers where uprobes are allowed', async (context) => {
    skipWithout('uprobe', context);
    const places = ['handle_order', 'main', 'passes:mix', 'pass', 'work', `passes.c:${hereLine}`, 'spin']; // prettier-ignore
    const all = await Promise.all(places.map((location) => listen<BreakpointHitPayload>('breakpoint.hit', { location, stackDepth: 1 }).catch(() => undefined))); // prettier-ignore
    await pass(5);
    await until(() => (all[0]?.heard.length ?? 0) >= 5, 'hits');
    expect(all.filter((each) => each !== undefined).length).toBeGreaterThan(4);
    for (const each of all) each?.[Symbol.dispose]();
  });

  it('follows threads that start later, by a debug register from their first pass on', async (context) => {
    skipWithout('hardware', context);
    using hits = await listen<BreakpointHitPayload>('breakpoint.hit', { location: 'handle_order' });
    target.tell('thread 499');
    await target.says(/^threaded (\d+ 0)$/m);
    await until(() => hits.heard.length >= 499, 'hits');
    expect(hits.heard.every(({ subject }) => subject.tid !== target.pid)).toBe(true);
    expect(hits.heard.at(-1)?.payload.hits).toBe(499);
  });

  it('lets the program start threads and says what a uprobe may miss of them', async (context) => {
    skipWithout('uprobe', context);
    using hits = await listen<BreakpointHitPayload>('breakpoint.hit', { location: 'handle_order', method: 'uprobe' }); // prettier-ignore
    target.tell('thread 49999');
    await target.says(/^threaded (\d+ 0)$/m, noRegisters === '' ? 2 : 1);
    await until(() => hits.heard.length > 0, 'hits');
    expect(hits.heard[0]?.payload.note).toContain('born after the uprobe');
    expect(hits.heard[1]?.payload).not.toHaveProperty('note');
  });

  it('tells nothing any more when nobody listens', async () => {
    const hits = await listen<BreakpointHitPayload>('breakpoint.hit', { location: 'handle_order' });
    await pass(7);
    await until(() => hits.heard.length >= 7, 'hits');
    hits[Symbol.dispose]();
    await pass(13);
    using others = await listen<BreakpointHitPayload>('breakpoint.hit', { location: 'handle_order', stackDepth: 2 }); // prettier-ignore
    await pass(3);
    await until(() => others.heard.length >= 3, 'hits');
    expect([hits.heard.length, others.heard.length]).toEqual([7, 3]);
  });

  it('tells one pass and rests where it is to stop the thread, which nobody notices untraced', async (context) => {
    skipWithout('hardware', context);
    const posted: BreakpointHitPayload[] = [];
    using source = new HitSource(host);
    const request = { location: 'handle_order', stackDepth: 4, method: 'auto' } as const;
    const post = (payload: BreakpointHitPayload): void => void posted.push(payload);
    await source.arm({ armId: 1e6, subject: { tid: target.pid, threadId: -1 }, request, isStop: true, post, lose: () => undefined }); // prettier-ignore
    await pass(17);
    await until(() => {
      host.perf.drain();
      return posted.length > 0;
    }, 'a hit');
    await pass(19);
    host.perf.drain();
    expect(posted.map(({ method }) => method)).toEqual(['hardware']);
    host.perf.rearm(target.pid);
    await pass(23);
    host.perf.drain();
    expect(posted).toHaveLength(2);
  });

  it('refuses with a code what is no place in the code', async () => {
    expect(await codeOf({ location: 'no_such_function' })).toBe('EE_SYMBOL_UNKNOWN');
    expect(await codeOf({ location: 'table' })).toBe('EE_BREAKPOINT_LOCATION');
    expect(await codeOf({ location: 'passes.c:24:3' })).toBe('EE_BREAKPOINT_LOCATION');
    expect(await codeOf({ location: 'handle_order', captures: 'order' })).toBe('EE_BREAKPOINT_CAPTURE'); // prettier-ignore
    expect(await codeOf({ location: 'handle_order+1', method: 'uprobe' })).toBe('EE_BREAKPOINT_METHOD'); // prettier-ignore
  });
});

const branches = /^(?:j|call|ret|loop|rep|syscall)/;

describe('step', () => {
  it('steps a busy thread instruction by instruction, and it goes on unchanged', async (context) => {
    if (!has('objdump')) context.skip('needs objdump: it is not installed');
    const tid = await startThread('spin');
    using steps = await listen<StepPayload>('step', { count: 997, maxMs: 10_000 }, tid);
    await until(() => steps.heard.length >= 997, 'steps');
    const code = disassemble(target.program);
    const pcs = steps.heard.map(({ payload }) => payload.pc);
    expect(steps.heard.map(({ payload }) => payload.count)).toEqual(pcs.map((_, at) => at + 1));
    expect(pcs.filter((pc) => !code.has(pc))).toEqual([]);
    const skips = pcs.slice(1).filter((pc, at) => {
      const before = code.get(pcs[at] ?? 0n);
      return before?.next !== pc && !branches.test(before?.text ?? '');
    });
    expect(skips).toEqual([]);
    expect(steps.heard[0]).toMatchObject({ subject: { tid }, payload: { module: target.program } });
    expect(steps.heard.some(({ payload }) => payload.function === 'spin' && (payload.line ?? 0) > 0)).toBe(true); // prettier-ignore
    const times = steps.heard.map(({ timestampNs }) => timestampNs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    using some = await listen<StepPayload>('step', { count: 100, everyN: 10 }, tid);
    await until(() => some.heard.length >= 10, 'steps');
    expect(some.heard.map(({ payload }) => payload.count)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]); // prettier-ignore
    expect(await endThread()).toBe('same');
  });

  it('lets a thread go that waits in the kernel, within its time', async () => {
    const tid = await startThread('doze');
    using steps = await listen<StepPayload>('step', { count: 100_000, maxMs: 150 }, tid);
    await until(() => steps.heard.at(-1)?.payload.note, 'the last step');
    expect(steps.heard.at(-1)?.payload.note).toContain('time was over');
    using again = await listen<StepPayload>('step', { count: 3 }, tid);
    await until(() => again.heard.length >= 3, 'steps');
    await endThread();
    expect(await target.says(/^dozed (\d)/m)).toBe('0');
  });

  it('goes when its listener goes', async () => {
    const tid = await startThread('spin');
    const steps = await listen<StepPayload>('step', { count: 100_000, maxMs: 10_000 }, tid);
    steps[Symbol.dispose]();
    using again = await listenAgain(tid);
    await until(() => again.heard.length > 0, 'steps of another');
    expect(await endThread()).toBe('same');
  });

  it.for(['SIGTERM', 'SIGINT'] as const)(
    'lets the thread go when %s ends the stepping process',
    async (signal) => {
      // prettier-ignore
      const tid = await startThread('spin');
      const file = new URL('../../fixtures/step-on.ts', import.meta.url).pathname;
      const args = ['--conditions=@extension-events/source', file, String(tid)];
      const child = spawn(process.execPath, args);
      await once(child.stdout, 'data');
      child.kill(signal);
      const [, by] = (await once(child, 'close')) as [number | null, string | null];
      expect(by).toBe(signal);
      expect(await endThread()).toBe('same');
    },
  );

  it('is refused while somebody else traces the thread', async () => {
    const ptrace = await Ptrace.load();
    ptrace.seize(target.pid);
    try {
      await expect(listen('step', {}, target.pid)).rejects.toMatchObject({
        code: 'EE_STEP_TRACED',
      });
    } finally {
      ptrace.interrupt(target.pid);
      ptrace.waitFor(target.pid, true);
      ptrace.detach(target.pid);
    }
  });

  it('is refused for a thread that is not there', async () => {
    await expect(listen('step', {}, 4_000_000)).rejects.toMatchObject({ code: 'EE_PTRACE_GONE' });
  });
});

describe('what this machine may lack', () => {
  it('step.block runs from branch to branch, or is refused with what was seen', async () => {
    const refusal = await listen<StepPayload>('step.block', { count: 10 }, target.pid).then(
      (steps) => steps[Symbol.dispose](),
      (error: unknown) => error as { code: string; message: string },
    );
    expect(refusal?.code ?? 'EE_STEP_BLOCK_ABSENT').toBe('EE_STEP_BLOCK_ABSENT');
    expect(refusal?.message ?? 'branch-trap flag').toContain('branch-trap flag');
  });

  it('branch-buffer.full is refused with the missing feature', async () => {
    await expect(listen('branch-buffer.full', {}, target.pid)).rejects.toMatchObject({
      code: expect.stringMatching(/^EE_BRANCH_BUFFER_(?:ABSENT|UNREAD)$/),
    });
  });

  it('leaves the program running, and its end as it was', async () => {
    await pass(2);
    expect(target.isRunning).toBe(true);
    target.tell('exit');
    await until(() => !target.isRunning, 'its end');
  });
});
