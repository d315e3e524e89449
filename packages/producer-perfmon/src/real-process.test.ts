// oxlint-disable vitest/no-conditional-expect -- what is expected depends on the machine
// oxlint-disable unicorn/consistent-function-scoping -- small helpers stand beside their use
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { getRegistry } from '@extension-events/core';
import { type LinuxHost, openLinuxHost } from '@extension-events/platform-linux';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { compileC, type Ear, type EarOptions, listenTo, missingCompiler, removeScratch, start, type StartOptions, type Target, until } from '../fixtures/native.ts'; // prettier-ignore
import { producer } from './host.ts';
import { listCounters } from './index.ts';
import type { PerfmonOverflowPayload, PerfmonThresholdPayload } from './types.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url)); // prettier-ignore
const isRoot = process.getuid?.() === 0;
let program: string | undefined;
afterAll(removeScratch);

async function startBusy(context: TestContext, options?: StartOptions): Promise<Target> {
  const missing = missingCompiler();
  if (missing !== undefined) context.skip(`needs ${missing}`);
  program ??= compileC('busy', readFileSync(fixture('busy.c'), 'utf8'));
  const target = start(program, [], options);
  expect(await target.next()).toBe('ready');
  return target;
}

interface Observed extends AsyncDisposable {
  readonly target: Target;
  readonly host: LinuxHost & Disposable;
}

/** The target, and the producer started over it in this process. */
async function observe(context: TestContext): Promise<Observed> {
  const target = await startBusy(context);
  const host = await openLinuxHost(target.pid);
  const running = producer.start(getRegistry(), host);
  return {
    target,
    host,
    async [Symbol.asyncDispose]() {
      running[Symbol.dispose]();
      host[Symbol.dispose]();
      await target[Symbol.asyncDispose]();
    },
  };
}

async function overflow(
  context: TestContext,
  request: EarOptions['request'],
  more: Omit<EarOptions, 'request'> = {},
): Promise<Ear<PerfmonOverflowPayload>> {
  try {
    return await listenTo('perfmon.overflow', { request: request ?? {}, ...more });
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'EE_PERFMON_KERNEL_NEEDED') return context.skip(`needs root: ${String(error)}`);
    if (code !== 'EE_PERF_PERMISSION') throw error;
    return context.skip(`needs perf-task-clock: ${String(error)}`);
  }
}

const counts = ({ events }: Ear<PerfmonOverflowPayload>): number[] =>
  events.map(({ payload }) => payload.count);
/** N, 2N, … up to the last that is not above. */
const multiples = (period: number, total: number): number[] =>
  Array.from({ length: Math.floor(total / period) }, (_, i) => (i + 1) * period);

/** Switches of the main thread as the kernel has counted them. */
function switchesOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/task/${pid}/status`, 'utf8');
  return Array.from(text.matchAll(/ctxt_switches:\t(\d+)/g)).reduce((sum, [, n]) => sum + Number(n), 0); // prettier-ignore
}

async function asleep(pid: number): Promise<void> {
  const state = (): string => readFileSync(`/proc/${pid}/task/${pid}/stat`, 'latin1').split(') ')[1]?.[0] ?? ''; // prettier-ignore
  await until(() => state() === 'S', 'sleep of the target');
}

describe('overflows of a C program', () => {
  it('are posted for every page fault, with the function that touched the page', async (context) => {
    await using observed = await observe(context);
    const { target, host } = observed;
    using ear = await overflow(context, { counter: 'page-faults', period: 1 });
    const [faults] = (await target.ask('faults 1009')).split(' ').map(Number);
    host.perf.drain();
    const touching = ear.events.filter(({ payload }) => payload.symbol === 'touch_pages');
    expect(touching).toHaveLength(1009);
    // The program's own count has a few more, on its way to and from the loop and in the kernel.
    expect(ear.events.length).toBeGreaterThanOrEqual(1009);
    expect(Number(faults)).toBeGreaterThanOrEqual(1009);
    expect(counts(ear)).toEqual(multiples(1, ear.events.length));
    const { payload, subject, timestampNs } = touching[0] ?? ear.events[0] ?? expect.fail();
    expect(subject.tid).toBe(target.pid);
    expect(payload.module).toMatch(/busy$/);
    expect(payload.stack).toMatch(/^touch_pages\+0x[0-9a-f]+ \(busy\)/);
    expect(payload.isScaled).toBe(false);
    expect(Math.abs(timestampNs - Number(process.hrtime.bigint()))).toBeLessThan(60e9);
  });

  it('each listener and the watcher beside it has its own true count', async (context) => {
    await using observed = await observe(context);
    const { target, host } = observed;
    const watcher: string[] = [];
    using _ = getRegistry().listen('**', ({ name }) => watcher.push(name));
    const main = { tid: target.pid, threadId: 0 };
    using all = await overflow(context, { counter: 'page-faults', period: 1 });
    await target.ask('faults 11');
    using sevens = await overflow(context, { counter: 'page-faults', period: 7 });
    using ones = await overflow(context, { counter: 'page-faults', period: 1 }, { subject: main });
    using many = await overflow(context, { counter: 'faults', period: 101 });
    host.perf.drain();
    const before = all.events.length;
    await target.ask('faults 1009');
    host.perf.drain();
    const total = ones.events.length;
    expect(total).toBeGreaterThanOrEqual(1009);
    expect(all.events.length - before).toBe(total);
    expect(counts(ones)).toEqual(multiples(1, total));
    expect(counts(sevens)).toEqual(multiples(7, total));
    expect(counts(many)).toEqual(multiples(101, total));
    expect(watcher).not.toContain('perfmon.overflow');
  });

  it('count context switches as the kernel itself does, with the user stack below the kernel', async (context) => {
    await using observed = await observe(context);
    const { target, host } = observed;
    await asleep(target.pid);
    using ear = await overflow(context, { counter: 'context-switches', period: 1 });
    const before = switchesOf(target.pid);
    await target.ask('switches 211');
    await asleep(target.pid);
    const switches = switchesOf(target.pid) - before;
    host.perf.drain();
    expect(switches).toBeGreaterThanOrEqual(211);
    expect(counts(ear)).toEqual(multiples(1, switches));
    const { payload } = ear.events[100] ?? expect.fail();
    expect(payload.pc).toBeGreaterThan(2n ** 63n);
    expect(payload.stack).toMatch(/\[kernel\][^]*nanosleep/);
  });

  it('of CPU time come when another multiple of the period is passed', async (context) => {
    await using observed = await observe(context);
    const { target, host } = observed;
    using ear = await overflow(context, { period: 1e6 });
    await target.ask('spin 97');
    host.perf.drain();
    const passed = counts(ear).map((count) => Math.floor(count / 1e6));
    expect(passed.length).toBeGreaterThan(3);
    expect(passed.every((multiple, i) => multiple > (passed[i - 1] ?? 0))).toBe(true);
    // A timer that is late stands for several multiples.
    expect(passed.at(-1)).toBeGreaterThan(48);
    const burning = ear.events.filter(({ payload }) => /burn/.test(payload.stack));
    expect(burning.length).toBeGreaterThan(ear.events.length / 2);
    for (const { payload } of ear.events) expect(payload.runningNs).toBe(payload.enabledNs);
  });

  it('of one thread leave the others out, and new threads are counted for themselves', async (context) => {
    await using observed = await observe(context);
    const { target, host } = observed;
    using all = await overflow(context, { period: 1e6 });
    using main = await overflow(context, { period: 1e6 }, { subject: { tid: target.pid, threadId: 0 } }); // prettier-ignore
    await target.ask('thread 600');
    host.perf.drain();
    const born = all.events.filter(({ subject }) => subject.tid !== target.pid);
    expect(born.length).toBeGreaterThan(10);
    expect(born[0]?.payload.count).toBeLessThan(600e6);
    expect(main.events.every(({ subject }) => subject.tid === target.pid)).toBe(true);
  });

  it('agree with perf stat', async (context) => {
    if (spawnSync('perf', ['stat', '-e', 'page-faults', 'true']).status !== 0)
      context.skip('needs perf: it is not installed or does not run');
    await using observed = await observe(context);
    const { target, host } = observed;
    const perf = spawn('perf', ['stat', '-x,', '-e', 'page-faults:u,context-switches,minor-faults:u', '-p', String(target.pid)]); // prettier-ignore
    let said = '';
    perf.stderr.on('data', (data: Buffer) => void (said += data.toString()));
    // Its counters are there when its descriptors are.
    const fds = (): string => spawnSync('ls', ['-l', `/proc/${perf.pid}/fd`], { encoding: 'utf8' }).stdout;
    await until(() => (fds().match(/perf_event/g) ?? []).length >= 3, 'perf stat');
    await asleep(target.pid);
    using faults = await overflow(context, { counter: 'page-faults', period: 1 });
    const together = { counter: 'context-switches', period: 1, with: 'minor-faults' };
    using switches = await overflow(context, together);
    await target.ask('faults 503');
    await target.ask('switches 101');
    await asleep(target.pid);
    host.perf.drain();
    const ended = new Promise((resolve) => void perf.on('close', resolve));
    perf.kill('SIGINT');
    await ended;
    const told = Array.from(said.matchAll(/^(\d+),/gm), ([, count]) => Number(count));
    const beside = JSON.parse(switches.events.at(-1)?.payload.values ?? '{}') as Record<string, number>; // prettier-ignore
    expect([faults.events.length, switches.events.length, beside['minor-faults']]).toEqual(told);
  }); // prettier-ignore

  it('carry what else was counted up to the very same moment', async (context) => {
    await using observed = await observe(context);
    const { target, host } = observed;
    const request = { counter: 'page-faults', period: 1, with: 'minor-faults,task-clock' };
    using ear = await overflow(context, request);
    await target.ask('faults 1009');
    host.perf.drain();
    const total = ear.events.length;
    expect(total).toBeGreaterThanOrEqual(1009);
    const told = ear.events.map(({ payload }) => JSON.parse(payload.values ?? '{}') as Record<string, number>); // prettier-ignore
    // The kernel counts a fault before it counts it as a minor one: each sample is just in between.
    expect(told.map((values) => values['minor-faults'])).toEqual(Array.from({ length: total }, (_, i) => i)); // prettier-ignore
    const times = told.map((values) => values['task-clock'] ?? 0);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    for (const { payload } of ear.events) {
      expect(payload.runningNs).toBe(payload.enabledNs);
      expect(payload).not.toHaveProperty('rawValues');
    }
    // Its own clock and the times of the group are the same thing, told a few instructions apart.
    expect(Math.abs((times.at(-1) ?? 0) - (ear.events.at(-1)?.payload.enabledNs ?? 0))).toBeLessThan(1e6); // prettier-ignore
  });

  it('carry the counts of the kernel beside their own, as the kernel tells them itself', async (context) => {
    await using observed = await observe(context);
    const { target, host } = observed;
    await asleep(target.pid);
    const before = switchesOf(target.pid);
    using ear = await overflow(context, { counter: 'page-faults', period: 1, with: 'context-switches' }); // prettier-ignore
    await target.ask('switches 211');
    await asleep(target.pid);
    const switches = switchesOf(target.pid) - before;
    const known = ear.events.length;
    await target.ask('faults 101');
    host.perf.drain();
    // The first fault of the second job: the last switch before it was the sleep after the first.
    const next = ear.events.slice(known).find(({ payload }) => payload.symbol === 'touch_pages');
    expect(JSON.parse(next?.payload.values ?? '{}')).toEqual({ 'context-switches': switches });
  });

  it('stop the thread with what was counted beside, and are counted on afterwards', async (context) => {
    await using observed = await observe(context);
    const { target, host } = observed;
    const request = { counter: 'page-faults', period: 101, with: 'minor-faults' };
    using ear = await overflow(context, request, { isStop: true });
    await target.ask('faults 1009');
    host.perf.drain();
    expect(ear.events.map(({ payload }) => [payload.count, payload.values])).toEqual([[101, '{"minor-faults":100}']]); // prettier-ignore
    host.perf.rearm(target.pid);
    await target.ask('faults 1009');
    host.perf.drain();
    expect(ear.events.map(({ payload }) => payload.values)).toEqual(Array(2).fill('{"minor-faults":100}')); // prettier-ignore
  });

  it('are refused with a counter beside them that is absent', async (context) => {
    await using observed = await observe(context);
    const absent = (await listCounters()).find(({ code }) => code === 'EE_PERFMON_COUNTER_ABSENT');
    if (absent === undefined) context.skip('needs an absent counter: all are here');
    const refused = await overflow(context, { with: `faults,${absent?.name}` }).catch((error: unknown) => error); // prettier-ignore
    expect(refused).toMatchObject({ code: 'EE_PERFMON_COUNTER_ABSENT', message: expect.stringContaining(absent?.name ?? '?') }); // prettier-ignore
    expect(observed.host.threads.length).toBeGreaterThan(0);
  });

  it('stop asked for: one sample, then silence until the thread is armed again', async (context) => {
    await using observed = await observe(context);
    const { target, host } = observed;
    using ear = await overflow(context, { counter: 'page-faults', period: 7 }, { isStop: true });
    await target.ask('faults 101');
    host.perf.drain();
    expect(counts(ear)).toEqual([7]);
    host.perf.rearm(target.pid);
    await target.ask('faults 101');
    host.perf.drain();
    expect(ear.events).toHaveLength(2);
    expect(target.child.exitCode).toBe(null);
  });
});

describe('thresholds of a C program', () => {
  const threshold = (
    request: EarOptions['request'],
    isStop = false,
  ): Promise<Ear<PerfmonThresholdPayload>> =>
    listenTo('perfmon.threshold', { request: { everyMs: 10, ...request }, isStop });

  it('are passed when it grows, opens files and burns CPU', async (context) => {
    await using observed = await observe(context);
    const { target } = observed;
    using rss = await threshold({ resource: 'rss', above: 64 * 2 ** 20 });
    using fds = await threshold({ resource: 'fds', above: 50 });
    using cpu = await threshold({ resource: 'cpu-share', above: 0.02 });
    await target.ask('open 61');
    await target.ask('grow 101');
    for (let i = 0; i < 100 && cpu.events.length === 0; i++) await target.ask('spin 50');
    await until(() => rss.events.length > 0, 'passing of rss');
    await until(() => fds.events.length > 0, 'passing of fds');
    expect(rss.events).toHaveLength(1);
    expect(fds.events).toHaveLength(1);
    expect(rss.events[0]?.payload).toMatchObject({ resource: 'rss', limit: 64 * 2 ** 20, unit: 'By' });
    expect(rss.events[0]?.payload.value).toBeGreaterThan(64 * 2 ** 20);
    expect(fds.events[0]?.payload.value).toBeGreaterThan(50);
    expect(rss.events[0]?.subject.tid).toBe(target.pid);
    expect(cpu.events[0]?.payload.value).toBeGreaterThan(0.02);
    expect(cpu.events[0]?.payload.value).toBeLessThan(3);
  }); // prettier-ignore

  it('asked to stop post when a thread runs, with a note', async (context) => {
    await using observed = await observe(context);
    const { target, host } = observed;
    using ear = await threshold({ resource: 'fds', above: 50 }, true).catch((error: unknown) =>
      context.skip(`needs perf-task-clock: ${String(error)}`),
    );
    await target.ask('open 61');
    await target.ask('spin 200');
    await target.ask('spin 200');
    host.perf.drain();
    await until(() => ear.events.length > 0, 'stop');
    expect(ear.events).toHaveLength(1);
    expect(ear.events[0]?.payload).toMatchObject({
      resource: 'fds',
      note: expect.stringContaining('polled'),
    });
    expect(ear.events[0]?.subject.tid).toBe(target.pid);
  });
});

describe('an ordinary user', () => {
  it('counts faults and CPU time, and is told what needs a privilege', async (context) => {
    if (!isRoot) context.skip('needs root: to become another user');
    const paranoid = Number(readFileSync('/proc/sys/kernel/perf_event_paranoid', 'utf8'));
    if (paranoid !== 2) context.skip(`needs perf_event_paranoid: it is ${paranoid}, not 2`);
    await using target = await startBusy(context, { uid: 1001 });
    const listens = [
      { name: 'perfmon.overflow', request: { counter: 'page-faults', period: 1 } },
      { name: 'perfmon.overflow', request: { period: 1e6 } },
      { name: 'perfmon.overflow', request: { counter: 'context-switches' } },
      { name: 'perfmon.overflow', request: { counter: 'page-faults', kernel: true } },
      { name: 'perfmon.threshold', request: { resource: 'fds', above: 50, everyMs: 10 } },
    ];
    const args = ['--conditions=@extension-events/source', fixture('observe.ts'), String(target.pid), JSON.stringify(listens)]; // prettier-ignore
    await using observer = start(process.execPath, args, { uid: 1001, env: {} });
    const first = JSON.parse(await observer.next()) as object[];
    expect(first).toMatchObject([
      { payloads: [] },
      { payloads: [] },
      { code: 'EE_PERFMON_KERNEL_NEEDED', hint: expect.stringContaining('voluntary-switches') },
      { code: 'EE_PERF_PERMISSION' },
      { payloads: [] },
    ]);
    await target.ask('faults 503');
    await target.ask('spin 50');
    await target.ask('open 61');
    let heard: { payloads: Record<string, unknown>[] }[] = [];
    while (heard[4]?.payloads.length !== 1) heard = JSON.parse(await observer.ask('')) as typeof heard; // prettier-ignore
    const touching = heard[0]?.payloads.filter(({ symbol }) => symbol === 'touch_pages');
    expect(touching).toHaveLength(503);
    expect(heard[1]?.payloads.length).toBeGreaterThan(3);
  });
});

describe('the counters of this machine', () => {
  it('are listed, those that are absent with a reason', async () => {
    const counters = await listCounters();
    const taskClock = counters.find(({ name }) => name === 'task-clock');
    expect(taskClock?.ok === true || taskClock?.code === 'EE_PERF_PERMISSION').toBe(true);
    for (const { ok, code, reason } of counters)
      if (!ok) expect([code, reason]).toEqual([expect.stringMatching(/^EE_/), expect.stringMatching(/./)]); // prettier-ignore
    const hardware = counters.filter(({ kind }) => kind !== 'software');
    expect(hardware).toHaveLength(42);
    for (const { ok, substitute } of hardware) expect(ok || substitute !== undefined).toBe(true);
  });
});
