// oxlint-disable vitest/no-conditional-expect -- the case is another when a source refuses
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { getRegistry } from '@extension-events/core';
import { findPerfCapabilities, type LinuxHost, openLinuxHost } from '@extension-events/platform-linux'; // prettier-ignore
import { Ptrace, ThreadHolder } from '@extension-events/platform-linux/ptrace';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { compileC, type Ear, type EarOptions, listenTo, missingCompiler, removeScratch, start, type StartOptions, type Target, until } from '../fixtures/native.ts'; // prettier-ignore
import { producer } from './host.ts';
import type { HwBreakpointHitPayload } from './types.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url)); // prettier-ignore
const isRoot = process.getuid?.() === 0;
let program: string | undefined;
afterAll(removeScratch);

interface Writer extends Target {
  readonly tids: readonly [number, number];
  readonly counter: string;
}

async function startWriter(context: TestContext, options?: StartOptions): Promise<Writer> {
  const missing = missingCompiler();
  if (missing !== undefined) context.skip(`needs ${missing}`);
  program ??= compileC('writer', readFileSync(fixture('writer.c'), 'utf8'));
  const target = start(program, [], options);
  const [one, two, counter = ''] = (await target.next()).split(' ');
  return { ...target, tids: [Number(one), Number(two)], counter };
}

interface Observed extends AsyncDisposable {
  readonly target: Writer;
  readonly host: LinuxHost & Disposable;
}

async function observe(context: TestContext): Promise<Observed> {
  const target = await startWriter(context);
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

type HitEar = Ear<HwBreakpointHitPayload>;

async function hits(
  context: TestContext,
  request: EarOptions['request'],
  more: Omit<EarOptions, 'request'> = {},
): Promise<HitEar> {
  try {
    return await listenTo('hw-breakpoint.hit', { request: request ?? {}, ...more });
  } catch (error) {
    const { code = '' } = error as { code?: string };
    if (!['EE_PERF_PERMISSION', 'EE_PERF_ABSENT'].includes(code)) throw error;
    const feature = request?.['kernel'] === true ? 'root' : 'data-breakpoint';
    return context.skip(`needs ${feature}: ${String(error)}`);
  }
}

const refusal = (request: EarOptions['request']): Promise<{ code: string; hint: string }> =>
  listenTo('hw-breakpoint.hit', { request: request ?? {} }).then(
    () => expect.fail('it was armed'),
    (error: unknown) => error as { code: string; hint: string },
  );

// Two registers on one cell: QEMU's emulation reports the first alone, and `npm run vm` says so.
function needTwins(context: TestContext): void {
  if (process.env['EXTEV_ONE_REGISTER'] !== undefined)
    context.skip('needs twin-breakpoints: this machine reports one of two registers on a cell');
}

describe('watchpoints in a C program', () => {
  it('hit for every write of all threads, or of the one thread that is armed', async (context) => {
    needTwins(context);
    await using observed = await observe(context);
    const { target, host } = observed;
    const [first, second] = target.tids;
    using all = await hits(context, { address: target.counter });
    using one = await hits(context, { address: 'counter' }, { subject: { tid: first, threadId: 0 } }); // prettier-ignore
    await target.ask('both 1009');
    host.perf.drain();
    expect(one.matched).toBe(1009);
    expect(one.events.every(({ subject }) => subject.tid === first)).toBe(true);
    expect(all.matched).toBe(1009 + 1011);
    expect(all.events.some(({ subject }) => subject.tid === second)).toBe(true);
    const { payload } = one.events[0] ?? expect.fail();
    expect(payload).toMatchObject({
      address: BigInt(target.counter),
      lengthBytes: 4,
      access: 'write',
      symbol: 'write_counter',
      module: expect.stringMatching(/writer$/),
      stack: expect.stringMatching(/^write_counter\+0x[0-9a-f]+ \(writer\)\n/),
    });
    expect(payload).not.toHaveProperty('value');
    const { address, offset = 0 } = host.symbols.resolve(payload.pc);
    expect(address).toBe(payload.pc);
    expect(offset).toBeGreaterThan(0);
  });

  it('agree with perf stat', async (context) => {
    if (spawnSync('perf', ['stat', '-e', 'page-faults', 'true']).status !== 0)
      context.skip('needs perf: it is not installed or does not run');
    needTwins(context);
    await using observed = await observe(context);
    const { target, host } = observed;
    const event = `mem:${target.counter}/4:w:u`;
    const perf = spawn('perf', ['stat', '-x,', '-e', event, '-p', String(target.pid)]);
    const ended = new Promise<void>((resolve) => void perf.on('close', () => resolve()));
    let said = '';
    perf.stderr.on('data', (data: Buffer) => void (said += data.toString()));
    // It counts when it has an event for each of the three threads.
    const fds = (): string => spawnSync('ls', ['-l', `/proc/${perf.pid}/fd`], { encoding: 'utf8' }).stdout; // prettier-ignore
    await until(() => (fds().match(/perf_event/g) ?? []).length >= 3, 'perf stat');
    using ear = await hits(context, { address: 'counter' });
    await target.ask('both 307');
    host.perf.drain();
    perf.kill('SIGINT');
    await ended;
    expect([said.split(',')[0], ear.matched]).toEqual([String(307 + 309), 307 + 309]);
  });

  it('hit twice for a read-write access, once for the load and once for the store', async (context) => {
    needTwins(context);
    await using observed = await observe(context);
    const { target, host } = observed;
    using both = await hits(context, { address: 'counter', access: 'read-write' });
    using writes = await hits(context, { address: 'counter' });
    await target.ask('add 101');
    host.perf.drain();
    expect([both.matched, writes.matched]).toEqual([202, 101]);
  });

  it('do not hit for the neighbour', async (context) => {
    await using observed = await observe(context);
    const { target, host } = observed;
    using ear = await hits(context, { address: 'wide' });
    await target.ask('write 53');
    host.perf.drain();
    expect(ear.events).toEqual([]);
    await target.ask('call 7');
    host.perf.drain();
    expect(ear.events.map(({ payload }) => payload.lengthBytes)).toEqual(Array(7).fill(8));
  });

  it('on an instruction hit at each pass, at the address itself', async (context) => {
    await using observed = await observe(context);
    const { target, host } = observed;
    using ear = await hits(context, { address: 'writer:called', access: 'execute' });
    await target.ask('call 211');
    host.perf.drain();
    expect(ear.events).toHaveLength(211);
    for (const { payload } of ear.events) expect(payload.pc).toBe(payload.address);
    expect(ear.events[0]?.payload.stack).toMatch(/^called\+0x0 \(writer\)\nmain|^called\+0x0/);
  });

  it('hit in threads that are born later', async (context) => {
    await using observed = await observe(context);
    const { target, host } = observed;
    using ear = await hits(context, { address: 'counter' });
    await target.ask('born 53');
    host.perf.drain();
    expect(ear.events).toHaveLength(53);
    expect(new Set(ear.events.map(({ subject }) => subject.tid)).size).toBe(1);
  });

  it('hit for what the kernel writes only when it is included', async (context) => {
    needTwins(context);
    await using observed = await observe(context);
    const { target, host } = observed;
    using without = await hits(context, { address: 'counter' });
    using kernels = await hits(context, { address: 'counter', kernel: true });
    await target.ask('kernel 31');
    host.perf.drain();
    expect(without.events).toEqual([]);
    expect(kernels.events.length).toBeGreaterThanOrEqual(31);
    expect(kernels.events[0]?.payload.module).toBe('[kernel]');
  });

  it('are four to a thread: the fifth is told who has them, and is there once one is free', async (context) => {
    await using observed = await observe(context);
    const { target, host } = observed;
    const names = ['neighbour', 'wide', 'pair', 'byte'];
    using stack = new DisposableStack();
    for (const address of names) stack.use(await hits(context, { address }));
    expect(await refusal({ address: 'counter' })).toMatchObject({
      code: 'EE_HW_BREAKPOINT_NO_SLOT',
      hint: expect.stringContaining('gdb'),
    });
    stack.dispose();
    using ear = await hits(context, { address: 'counter' });
    await target.ask('write 11');
    host.perf.drain();
    expect(ear.events).toHaveLength(11);
  });

  it('are refused with a code and a hint where the processor has none', async (context) => {
    await using observed = await observe(context);
    const { target } = observed;
    const [address] = [target.counter];
    expect(await refusal({ address: 'counter+1' })).toMatchObject({ code: 'EE_HW_BREAKPOINT_ALIGNMENT' }); // prettier-ignore
    expect(await refusal({ address, lengthBytes: 3 })).toMatchObject({ code: 'EE_HW_BREAKPOINT_LENGTH' }); // prettier-ignore
    expect(await refusal({ address, access: 'read' })).toMatchObject({ code: 'EE_REQUEST' });
    expect(await refusal({ address: 'countre' })).toMatchObject({ hint: expect.stringContaining('counter') }); // prettier-ignore
    expect(await refusal({ address: 'memory:m' })).toMatchObject({ code: 'EE_NAMED_MEMORY_UNKNOWN' }); // prettier-ignore
  });
});

describe('a stop at a watchpoint', () => {
  it('leaves a thread that nobody traces unharmed, and waits to be armed again', async (context) => {
    await using observed = await observe(context);
    const { target, host } = observed;
    using ear = await hits(context, { address: 'counter' }, { isStop: true });
    await target.ask('write 101');
    host.perf.drain();
    expect(ear.events).toHaveLength(1);
    expect(ear.events[0]?.payload).not.toHaveProperty('value');
    host.perf.rearm(target.tids[0]);
    await target.ask('write 101');
    host.perf.drain();
    expect(ear.events).toHaveLength(2);
  });

  it('finds the thread right behind the write, with the value that it wrote', async (context) => {
    await using observed = await observe(context);
    const { target, host } = observed;
    const [tid] = target.tids;
    const stopped: number[] = [];
    const options = {
      onSignal: ({ signal }: { signal: number }) => {
        if (signal !== 23) return 'pass';
        host.perf.drain();
        stopped.push(signal);
        return 'hold';
      },
    } as const;
    using holder = new ThreadHolder(await Ptrace.load(), options);
    try {
      holder.seize(tid);
    } catch (error) {
      context.skip(`needs ptrace: ${String(error)}`);
    }
    const subject = { tid, threadId: 0 };
    using ear = await hits(context, { address: 'counter' }, { subject, isStop: true });
    const done = target.ask('write 5');
    for (let i = 0; i < 5; i++) {
      await until(() => stopped.length > i, 'stop');
      expect(ear.events).toHaveLength(i + 1);
      expect(ear.events[i]?.payload).toMatchObject({ value: BigInt(i), symbol: 'write_counter' });
      host.perf.rearm(tid);
      holder.resume(tid);
    }
    expect(await done).toBe('done');
  });
});

describe('an ordinary user', () => {
  it('watches a process of its own, without the kernel', async (context) => {
    if (!isRoot) context.skip('needs root: to become another user');
    const paranoid = Number(readFileSync('/proc/sys/kernel/perf_event_paranoid', 'utf8'));
    if (paranoid !== 2) context.skip(`needs perf_event_paranoid: it is ${paranoid}, not 2`);
    const { breakpoints } = await findPerfCapabilities();
    if (!breakpoints.isOk) context.skip(`needs data-breakpoint: ${breakpoints.reason}`);
    await using target = await startWriter(context, { uid: 1001 });
    const name = 'hw-breakpoint.hit';
    const listens = [
      { name, request: { address: 'counter' } },
      { name, request: { address: 'called', access: 'execute' } },
      { name, request: { address: 'counter', kernel: true } },
      { name, request: { address: '0xffffffff81000000' } },
    ];
    const args = ['--conditions=@extension-events/source', fixture('observe.ts'), String(target.pid), JSON.stringify(listens)]; // prettier-ignore
    await using observer = start(process.execPath, args, { uid: 1001, env: {} });
    expect(JSON.parse(await observer.next())).toMatchObject([
      { payloads: [] },
      { payloads: [] },
      { code: 'EE_PERF_PERMISSION' },
      { code: 'EE_HW_BREAKPOINT_ADDRESS' },
    ]);
    await target.ask('both 503');
    await target.ask('call 97');
    const [writes, passes] = JSON.parse(await observer.ask('')) as { payloads: object[] }[];
    expect([writes?.payloads.length, passes?.payloads.length]).toEqual([503 + 505, 97]);
    expect(writes?.payloads[0]).toMatchObject({ symbol: 'write_counter' });
  });
});
