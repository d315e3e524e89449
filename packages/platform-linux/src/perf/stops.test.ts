import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compileProgram, hasCompiler, removePrograms, startProgram, until } from '../../fixtures/perf/program.ts'; // prettier-ignore
import { hear, openHost, whyNoBreakpoint } from '../../fixtures/perf/watching.ts';
import type { PerfEventSpec } from './session-types.ts';

const watch = (address: bigint): PerfEventSpec => ({ type: 'breakpoint', access: 'write', address, lengthBytes: 4 }); // prettier-ignore

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

describe('an event that signals its thread', () => {
  it('gives one sample until it is switched on again, and harms nobody without a tracer', async () => {
    await using program = await startProgram(binary);
    const tid = await program.startThread();
    using host = await openHost(program.pid);
    const hits = hear(host, { event: watch(program.watched), rate: { period: 1 }, tid, signalsThread: true }); // prettier-ignore
    for (const round of [1, 2, 3]) {
      await program.act(1, 'write', 101);
      host.perf.drain();
      expect(hits.count).toBe(round);
      host.perf.rearm(tid);
    }
    // Still waiting: switching on what is on must not make it fire twice.
    host.perf.rearm(tid);
    await program.act(1, 'write', 101);
    host.perf.drain();
    expect(hits.count).toBe(4);
    await program.act(1, 'touch', 7);
  });

  it('finds out from its sample, also when nobody drained before', async () => {
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const hits = hear(host, { event: watch(program.watched), rate: { period: 1 }, signalsThread: true }); // prettier-ignore
    await program.act(0, 'write', 3);
    host.perf.rearm(program.pid);
    await program.act(0, 'write', 3);
    host.perf.drain();
    expect(hits.count).toBe(2);
  });

  it('switches on again within its own callback', async () => {
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const hits = hear(host, { event: watch(program.watched), rate: { period: 1 }, tid: program.pid, signalsThread: true }, (sample) => host.perf.rearm(sample.tid)); // prettier-ignore
    for (let i = 0; i < 7; i++) {
      await program.act(0, 'write', 1);
      host.perf.drain();
    }
    expect(hits.count).toBe(7);
  });

  it('covers threads that are born later once they are seen', async () => {
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const hits = hear(host, { event: watch(program.watched), rate: { period: 1 }, signalsThread: true }); // prettier-ignore
    const tid = await program.startThread();
    await until(() => host.threads.some((each) => each.tid === tid), 'the thread');
    // It has written before, seen or not; from here on it is one sample.
    host.perf.rearm(tid);
    const before = hits.tids.get(tid) ?? 0;
    await program.act(1, 'write', 5);
    await until(() => hits.tids.get(tid) === before + 1, 'its sample');
    await program.act(0, 'write', 5);
    host.perf.drain();
    expect(hits.tids.get(program.pid)).toBe(1);
  });

  it('leaves alone the threads that it is to leave out', async () => {
    await using program = await startProgram(binary);
    const tid = await program.startThread();
    using host = await openHost(program.pid);
    const hits = hear(host, { event: { type: 'software', event: 'page-faults' }, rate: { period: 1 }, signalsThread: true, leavesOut: (each) => each === tid }); // prettier-ignore
    await program.act(1, 'touch', 7);
    await program.act(0, 'touch', 7);
    host.perf.rearm(tid);
    await program.act(1, 'touch', 7);
    host.perf.drain();
    expect([...hits.tids]).toEqual([[program.pid, 1]]);
  });
});
