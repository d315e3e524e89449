import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { compileProgram, hasCompiler, removePrograms, startProgram, until } from '../../fixtures/perf/program.ts'; // prettier-ignore
import { hear, openHost, whyNoBreakpoint, whyNoTwins } from '../../fixtures/perf/watching.ts';
import type { Wanted } from '../../fixtures/perf/watching.ts';
import type { PerfEventSpec } from './session-types.ts';

const watch = (address: bigint): PerfEventSpec => ({ type: 'breakpoint', access: 'write', address, lengthBytes: 4 }); // prettier-ignore
const clock: PerfEventSpec = { type: 'software', event: 'task-clock' };
const isRoot = process.getuid?.() === 0;
const asUser: [string, ...string[]] = [
  'setpriv',
  '--reuid',
  '1001',
  '--regid',
  '1001',
  '--clear-groups',
];

let binary = '';
let noBreakpoint: string | undefined;
beforeAll(async () => {
  noBreakpoint = await whyNoBreakpoint();
  if (hasCompiler()) binary = compileProgram();
});
afterAll(removePrograms);
beforeEach((context) => {
  if (binary === '') context.skip('needs gcc: it is not installed');
  if (noBreakpoint !== undefined) context.skip(`needs data-breakpoint: ${noBreakpoint}`);
});

async function needTwins(context: TestContext): Promise<void> {
  const noTwins = await whyNoTwins(binary);
  if (noTwins !== undefined) context.skip(`needs twin-breakpoints: ${noTwins}`);
}

const codeOf = (call: () => unknown): string | undefined => {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
};
/** Descriptors and mappings of perf events that this process holds. */
const countOpen = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').includes('perf_event') ;
    } catch {
      return false;
    }
  }).length + (readFileSync('/proc/self/maps', 'utf8').match(/anon_inode:\[perf_event\]/g)?.length ?? 0); // prettier-ignore

describe('loss', () => {
  it('is accounted to the last sample when a ring is too small', async (context) => {
    await needTwins(context);
    await using program = await startProgram(binary);
    using host = await openHost(program.pid, { perf: { cpuPages: 1, threadPages: 1 } });
    const event = watch(program.watched);
    const rate = { period: 1 };
    const one = hear(host, { event, rate, tid: program.pid, isUrgent: false });
    const other = hear(host, { event, rate: { period: 3 }, tid: program.pid, isUrgent: false });
    const all = hear(host, { event, rate, isUrgent: false });
    const writes = program.act(0, 'write', 5003);
    // This thread is busy and reads nothing meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    await writes;
    host.perf.drain();
    expect(one.lost).toBeGreaterThan(0);
    expect(one.count + one.lost).toBe(5003);
    expect(other.count + other.lost).toBe(1667);
    expect(all.count + all.lost).toBe(5003);
  });
});

describe('what cannot be had', () => {
  it('is told with a code and a remedy', async () => {
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const rate = { period: 1 };
    const open = (wanted: Wanted) => () => hear(host, wanted);
    const codes = (wanted: Wanted): string | undefined => codeOf(open(wanted));
    expect(codes({ event: { type: 'tracepoint', id: 999_999 }, rate })).toMatch(/EE_PERF_(ABSENT|ARGUMENT|PERMISSION)/); // prettier-ignore
    expect(codes({ event: { ...watch(program.watched + 1n) }, rate })).toBe('EE_PERF_ARGUMENT');
    expect(open({ event: watch(program.watched + 1n), rate })).toThrow('is not a multiple of 4');
    expect(codes({ event: clock, rate: { period: 0 } })).toBe('EE_PERF_ARGUMENT');
    expect(codes({ event: clock, rate: { period: 1.5 } })).toBe('EE_PERF_ARGUMENT');
    expect(open({ event: clock, rate: { frequencyHz: 100_000_000 } })).toThrow('is more than kernel.perf_event_max_sample_rate'); // prettier-ignore
    expect(codes({ event: clock, rate, tid: -1 })).toBe('EE_PERF_ARGUMENT');
    expect(codes({ event: clock, rate, userStackBytes: 12 })).toBe('EE_PERF_ARGUMENT');
    expect(codes({ event: clock, rate, tid: 4_194_303 })).toBe('EE_PERF_NO_THREAD');
    expect(codes({ event: clock, rate, filter: 'a == 1' })).toBe('EE_PERF_FILTER');
  });

  it('is a hardware counter on a machine without one: its substitute is named', async (context) => {
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const cycles = {
      event: { type: 'hardware', event: 'cycles' },
      rate: { period: 1000 },
    } as const;
    const code = codeOf(() => hear(host, cycles));
    if (code === undefined) context.skip('this machine has a cycle counter');
    expect(code).toBe('EE_PERF_ABSENT');
    expect(() => hear(host, cycles)).toThrow(expect.objectContaining({ hint: 'Use task-clock instead.' })); // prettier-ignore
  });

  it('is a fifth breakpoint on a thread; the others go on, and a closed one makes room', async (context) => {
    if (process.arch !== 'x64')
      context.skip('needs x64: other CPUs have other numbers of registers');
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const rate = { period: 1 };
    const four = [0n, 4n, 8n, 12n].map((by) =>
      hear(host, { event: watch(program.other + by), rate }),
    );
    expect(codeOf(() => hear(host, { event: watch(program.watched), rate }))).toBe(
      'EE_PERF_NO_SLOT',
    );
    await program.act(0, 'other', 17);
    host.perf.drain();
    expect(four.map(({ count }) => count)).toEqual([17, 0, 0, 0]);
    four[3]?.arming[Symbol.dispose]();
    const fifth = hear(host, { event: watch(program.watched), rate });
    await program.act(0, 'write', 19);
    host.perf.drain();
    expect(fifth.count).toBe(19);
  });

  it('is another user’s process, and the kernel without privileges', async (context) => {
    if (!isRoot) context.skip('needs root: it starts processes of other users');
    await using own = await startProgram(binary, asUser);
    await using foreign = await startProgram(binary);
    const requests = [
      { event: clock, rate: { frequencyHz: 99 }, callchain: true },
      { event: clock, rate: { frequencyHz: 99 }, includesKernel: true },
      { event: { type: 'software', event: 'context-switches' }, rate: { period: 1 } },
      { event: { type: 'breakpoint', access: 'write', address: `${own.watched}n`, lengthBytes: 4 }, rate: { period: 1 } }, // prettier-ignore
      { event: { type: 'uprobe', path: '/bin/sh', offset: '0n', isReturn: false }, rate: { period: 1 } }, // prettier-ignore
      { event: clock, rate: { frequencyHz: 99 }, isSystemWide: true },
    ];
    const observe = (pid: number): unknown => {
      const observer = fileURLToPath(new URL('../../fixtures/perf/observer.ts', import.meta.url));
      const [command, ...args] = [...asUser, process.execPath, '--no-warnings', '--experimental-strip-types', '--conditions=@extension-events/source', observer, `${pid}`, JSON.stringify(requests)]; // prettier-ignore
      return JSON.parse(execFileSync(command, args, { encoding: 'utf8' }));
    };
    const paranoid = Number(readFileSync('/proc/sys/kernel/perf_event_paranoid', 'utf8'));
    if (paranoid !== 2) context.skip(`needs perf_event_paranoid 2: it is ${paranoid}`);
    const refused = 'EE_PERF_PERMISSION';
    expect(observe(own.pid)).toEqual([0, refused, refused, 0, refused, refused]);
    expect(observe(foreign.pid)).toEqual(requests.map(() => refused));
  });
});

describe('a process that ends', () => {
  it('ends silently for what is open, whenever it happens', async (context) => {
    await needTwins(context);
    for (const delayMs of [0, 1, 3, 9, 27]) {
      const program = await startProgram(binary);
      await program.startThread();
      using host = await openHost(program.pid);
      const all = hear(host, { event: watch(program.watched), rate: { period: 1 } });
      const one = hear(host, { event: watch(program.watched), rate: { period: 1 }, tid: program.pid }); // prettier-ignore
      const each = hear(host, { event: clock, rate: { period: 1_000_000 }, read: true });
      const writing = program.act(0, 'write', 1_000_000).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await program.kill();
      await writing;
      host.perf.drain();
      host.perf.rearm(program.pid);
      expect(one.count + one.lost).toBe(all.count + all.lost);
      expect(one.arming.read().value).toBe(BigInt(one.count + one.lost));
      expect(codeOf(() => hear(host, { event: clock, rate: { frequencyHz: 99 } }))).toBe('EE_PERF_NO_THREAD'); // prettier-ignore
      expect(() => each.arming.read()).not.toThrow();
    }
  });

  it('is a coded error when it is not there to begin with', async () => {
    await expect(openHost(4_194_303)).rejects.toMatchObject({ code: 'EE_LINUX_NO_PROCESS' });
    await expect(openHost(Number.NaN)).rejects.toMatchObject({ code: 'EE_LINUX_NO_PROCESS' });
    const child = spawn('true', { stdio: 'ignore' });
    await new Promise((resolve) => child.once('exit', resolve));
    await expect(openHost(child.pid ?? 0)).rejects.toMatchObject({ code: 'EE_LINUX_NO_PROCESS' });
  });
});

describe('closing', () => {
  it('leaves no descriptor, no memory and no timer', async () => {
    await using program = await startProgram(binary);
    const before = countOpen();
    {
      using host = await openHost(program.pid);
      hear(host, { event: watch(program.watched), rate: { period: 1 } });
      hear(host, { event: clock, rate: { period: 1_000_000 } });
      const one = hear(host, { event: clock, rate: { frequencyHz: 99 }, tid: program.pid });
      expect(countOpen()).toBeGreaterThan(before);
      one.arming[Symbol.dispose]();
      one.arming[Symbol.dispose]();
      expect(codeOf(() => one.arming.read())).toBe('EE_PERF_CLOSED');
      expect(codeOf(() => one.arming.setPeriod(5))).toBe('EE_PERF_CLOSED');
    }
    expect(countOpen()).toBe(before);
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBeLessThanOrEqual(1); // prettier-ignore
  });

  it('may happen within a callback, while its ring is read', async () => {
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const rate = { period: 1 };
    const event = watch(program.watched);
    const hits = hear(host, { event, rate, tid: program.pid }, () => {
      hits.arming[Symbol.dispose]();
      host.perf.drain();
    });
    await program.act(0, 'write', 31);
    await until(() => hits.count > 0, 'the first sample');
    host.perf.drain();
    expect(hits.count).toBe(1);
  });

  it('does not happen to others when a listener throws', async (context) => {
    await needTwins(context);
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const rate = { period: 1 };
    const event = watch(program.watched);
    const warnings: string[] = [];
    const onWarning = ({ message }: Error): void => void warnings.push(message);
    process.on('warning', onWarning);
    const bad = hear(host, { event, rate, tid: program.pid }, () => {
      throw new Error('no');
    });
    const good = hear(host, { event, rate, tid: program.pid });
    await program.act(0, 'write', 31);
    host.perf.drain();
    await until(() => warnings.length > 0, 'the warning');
    process.off('warning', onWarning);
    expect([bad.count, good.count, warnings.length]).toEqual([31, 31, 1]);
  });
});
