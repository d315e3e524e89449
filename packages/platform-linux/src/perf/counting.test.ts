import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compileProgram, hasCompiler, removePrograms, startProgram, until } from '../../fixtures/perf/program.ts'; // prettier-ignore
import {
  hear,
  openHost,
  whyNoBreakpoint,
  whyNoPerf,
  whyNoTwins,
} from '../../fixtures/perf/watching.ts';
import { findPmu } from './event-spec.ts';
import type { PerfEventSpec, SoftwareEvent } from './session-types.ts';

const software = (event: SoftwareEvent): PerfEventSpec => ({ type: 'software', event });
const watch = (address: bigint, access: 'write' | 'read-write' = 'write'): PerfEventSpec => ({ type: 'breakpoint', access, address, lengthBytes: 4 }); // prettier-ignore
const isRoot = process.getuid?.() === 0;

/** Where in its file an address of a program is. */
function findOffset(pid: number, address: bigint): bigint {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
  for (const [, from, to, offset] of maps.matchAll(/^(\w+)-(\w+) \S+ (\w+)/gm)) {
    const start = BigInt(`0x${from}`);
    if (address >= start && address < BigInt(`0x${to}`))
      return address - start + BigInt(`0x${offset}`);
  }
  throw new Error('the address is not mapped');
}

let binary = '';
let noPerf: string | undefined;
let noBreakpoint: string | undefined;
beforeAll(async () => {
  noPerf = await whyNoPerf();
  noBreakpoint = await whyNoBreakpoint();
  if (hasCompiler()) binary = compileProgram();
});
afterAll(removePrograms);
beforeEach((context) => {
  if (binary === '') context.skip('needs gcc: it is not installed');
  if (noPerf !== undefined) context.skip(`needs perf-task-clock: ${noPerf}`);
});

describe('a counter that posts at each multiple', () => {
  it('takes a sample for each event with period 1', async () => {
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const faults = hear(host, {
      event: software('page-faults'),
      rate: { period: 1 },
      address: true,
    });
    await program.act(0, 'touch', 1009);
    host.perf.drain();
    expect(faults).toMatchObject({ count: 1009, lost: 0, disorder: 0 });
    expect(faults.arming.read().value).toBe(1009n);
  });

  it('takes a sample at each multiple of N, with the count of that thread', async () => {
    await using program = await startProgram(binary);
    const tid = await program.startThread();
    using host = await openHost(program.pid);
    const counts: bigint[] = [];
    const event = software('page-faults');
    const all = hear(host, { event, rate: { period: 97 }, read: true }, ({ count }) => counts.push(count.value)); // prettier-ignore
    await program.act(0, 'touch', 1009);
    host.perf.drain();
    expect(counts).toEqual([97n, 194n, 291n, 388n, 485n, 582n, 679n, 776n, 873n, 970n]);
    counts.length = 0;
    // Each thread counts by itself: the rest of the main thread's count is not this one's.
    await program.act(1, 'touch', 199);
    host.perf.drain();
    expect(counts).toEqual([97n, 194n]);
    expect(all.tids.get(tid)).toBe(2);
    expect(all.arming.read().value).toBe(1208n);
    expect(all.arming.read(tid)).toMatchObject({ value: 199n });
  });

  it('gives two requests on one thread their own true counts, in one ring', async () => {
    await using program = await startProgram(binary);
    const tid = await program.startThread();
    using host = await openHost(program.pid);
    const event = software('page-faults');
    const each = hear(host, { event, rate: { period: 1 }, tid });
    const some = hear(host, { event, rate: { period: 13 }, tid });
    const beside = hear(host, { event, rate: { period: 7 } });
    await program.act(1, 'touch', 1009);
    host.perf.drain();
    expect([each.count, some.count, beside.count]).toEqual([1009, 77, 144]);
    some.arming[Symbol.dispose]();
    await program.act(1, 'touch', 101);
    host.perf.drain();
    expect([each.count, some.count]).toEqual([1110, 77]);
  });

  it('is not confused by another observer of the same event', async () => {
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    using other = await openHost(program.pid);
    const event = software('page-faults');
    const ours = hear(host, { event, rate: { period: 13 }, tid: program.pid });
    const theirs = hear(other, { event, rate: { period: 1 } });
    await program.act(0, 'touch', 1009);
    host.perf.drain();
    other.perf.drain();
    expect([ours.count, theirs.count]).toEqual([77, 1009]);
  });

  it('changes the period while it runs, also on all threads', async () => {
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const faults = hear(host, { event: software('page-faults'), rate: { period: 50 }, tid: program.pid }); // prettier-ignore
    const all = hear(host, { event: software('page-faults'), rate: { period: 1 } });
    await program.act(0, 'touch', 101);
    host.perf.drain();
    expect([faults.count, all.count]).toEqual([2, 101]);
    faults.arming.setPeriod(1);
    all.arming.setPeriod(1);
    await program.act(0, 'touch', 101);
    host.perf.drain();
    expect(all.count).toBe(202);
    // What was left of the old period may delay the first one.
    expect(faults.count).toBeGreaterThanOrEqual(2 + 101 - 50);
    expect(faults.arming.read().value).toBe(202n);
    expect(() => faults.arming.setPeriod(0)).toThrow('was refused');
    all.arming.setPeriod(10);
    await program.act(0, 'touch', 101);
    host.perf.drain();
    expect([all.count, all.arming.read().value]).toEqual([212, 303n]);
  });

  it('samples the clock of a thread that runs, and not one that sleeps', async () => {
    await using program = await startProgram(binary);
    const tid = await program.startThread();
    using host = await openHost(program.pid);
    const clock = hear(host, { event: software('task-clock'), rate: { frequencyHz: 997 } });
    await program.act(1, 'burn', 500);
    await until(() => clock.count > 0, 'samples by the timer alone');
    host.perf.drain();
    // A sample is skipped while the kernel is excluded and works for the thread.
    expect(clock.count).toBeGreaterThan(300);
    expect(clock.count).toBeLessThan(600);
    expect(clock.tids.get(tid)).toBe(clock.count - (clock.tids.get(program.pid) ?? 0));
    const { value, enabledNs, runningNs } = clock.arming.read();
    expect(Number(value)).toBeGreaterThan(490e6);
    expect(enabledNs).toBeGreaterThan(0);
    expect(runningNs / enabledNs).toBeCloseTo(1, 1);
  });

  it('counts context switches, which happen in the kernel', async (context) => {
    if (!isRoot) context.skip('needs root: the kernel is included');
    await using program = await startProgram(binary);
    const tid = await program.startThread();
    using host = await openHost(program.pid);
    const switches = hear(host, { event: software('context-switches'), rate: { period: 1 }, tid });
    await program.act(1, 'sleep', 211);
    host.perf.drain();
    // Waiting for its order and answering may switch once more; other work may push it aside.
    expect(switches.count).toBeGreaterThanOrEqual(211);
    expect(switches.arming.read().value).toBe(BigInt(switches.count));
  });

  it('hears every process of the machine when asked to', async (context) => {
    if (!isRoot) context.skip('needs root: all processes are watched');
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const faults = hear(host, { event: software('page-faults'), rate: { period: 1 }, isSystemWide: true }); // prettier-ignore
    await program.act(0, 'touch', 1009);
    host.perf.drain();
    expect(faults.tids.get(program.pid)).toBe(1009);
  });

  it('counts the passes of a place in a program, and the returns from it', async (context) => {
    if (!isRoot || findPmu('uprobe') === undefined) context.skip('needs uprobe: root and a kernel that has them'); // prettier-ignore
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const place = { type: 'uprobe', path: binary, offset: findOffset(program.pid, program.probed) } as const; // prettier-ignore
    const results: bigint[] = [];
    const calls = hear(host, { event: { ...place, isReturn: false }, rate: { period: 1 } });
    const some = hear(host, { event: { ...place, isReturn: false }, rate: { period: 7 }, tid: program.pid }); // prettier-ignore
    const returns = hear(host, { event: { ...place, isReturn: true }, rate: { period: 1 }, userRegisters: true }, (sample) => results.push(sample.userRegisters()[0] ?? -1n)); // prettier-ignore
    await program.act(0, 'call', 101);
    host.perf.drain();
    expect([calls.count, some.count, returns.count]).toEqual([101, 14, 101]);
    // rax and x0 are both the first.
    expect(results.slice(0, 3)).toEqual([1n, 2n, 3n]);
  });

  it('counts what perf stat counts', async (context) => {
    if (spawnSync('perf', ['--version']).status !== 0)
      context.skip('needs perf: it is not installed');
    const script = '0 touch 1009\n';
    const text = spawnSync('perf', ['stat', '-x,', '-e', 'page-faults:u', binary], { input: script, encoding: 'utf8' }).stderr; // prettier-ignore
    const without = spawnSync('perf', ['stat', '-x,', '-e', 'page-faults:u', binary], { input: '', encoding: 'utf8' }).stderr; // prettier-ignore
    const [theirs, base] = [text, without].map((line) => Number(line.split(',')[0]));
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const faults = hear(host, { event: software('page-faults'), rate: { period: 1 } });
    await program.act(0, 'touch', 1009);
    expect(faults.arming.read().value).toBe(1009n);
    // Its start and end are in perf's count, and differ by a few faults from run to run.
    expect(Math.abs((theirs ?? 0) - (base ?? 0) - 1009)).toBeLessThan(30);
  });
});

describe('a breakpoint', () => {
  beforeEach((context) => {
    if (noBreakpoint !== undefined) context.skip(`needs data-breakpoint: ${noBreakpoint}`);
  });

  it('sees each write to its cell, on any thread, and none beside it', async () => {
    await using program = await startProgram(binary);
    const tid = await program.startThread();
    using host = await openHost(program.pid);
    const hits = hear(host, { event: watch(program.watched), rate: { period: 1 }, address: true });
    await program.act(0, 'write', 251);
    await program.act(1, 'write', 503);
    await program.act(1, 'other', 100);
    host.perf.drain();
    expect(hits.tids).toEqual(new Map([[program.pid, 251], [tid, 503]])); // prettier-ignore
  });

  it('sees loads and stores apart when both are asked for', async (context) => {
    const noTwins = await whyNoTwins(binary);
    if (noTwins !== undefined) context.skip(`needs twin-breakpoints: ${noTwins}`);
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const both = hear(host, { event: watch(program.watched, 'read-write'), rate: { period: 1 } });
    const stores = hear(host, { event: watch(program.watched), rate: { period: 1 } });
    await program.act(0, 'add', 257);
    host.perf.drain();
    expect([both.count, stores.count]).toEqual([514, 257]);
  });

  it('tells the Nth pass of an instruction, with registers and call chain', async () => {
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const seen: { rdi: bigint; rip: bigint; callers: number }[] = [];
    const event = { type: 'breakpoint', access: 'execute', address: program.probed, lengthBytes: 8 } as const; // prettier-ignore
    const calls = hear(host, { event, rate: { period: 10 }, tid: program.pid, userRegisters: true, callchain: true, userStackBytes: 64 }, (sample) => {
      const registers = sample.userRegisters();
      expect(sample.userStack()).toHaveLength(64);
      seen.push({ rdi: registers[5] ?? -1n, rip: registers[8] ?? -1n, callers: sample.callchain().length }); // prettier-ignore
    }); // prettier-ignore
    await program.act(0, 'call', 53);
    host.perf.drain();
    expect(calls.count).toBe(5);
    if (process.arch !== 'x64') return;
    expect(seen.map(({ rdi }) => rdi)).toEqual([9n, 19n, 29n, 39n, 49n]);
    expect(seen.every(({ rip, callers }) => rip === program.probed && callers > 1)).toBe(true);
  });

  it('tells a sample by itself', async () => {
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const hits = hear(host, { event: watch(program.watched), rate: { period: 1 } });
    await program.act(0, 'write', 1);
    await until(() => hits.count > 0, 'the sample');
    expect(hits.count).toBe(1);
  });

  it('hands every hit of a flood on, or counts it as lost', async () => {
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const hits = hear(host, { event: watch(program.watched), rate: { period: 1 } });
    await program.act(0, 'write', 50_021);
    host.perf.drain();
    expect(hits.count + hits.lost).toBe(50_021);
    expect(hits.disorder).toBe(0);
  });
});
