import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compileProgram, hasCompiler, removePrograms, startProgram, until } from '../../fixtures/perf/program.ts'; // prettier-ignore
import { hear, openHost, whyNoBreakpoint } from '../../fixtures/perf/watching.ts';
import type { PerfEventSpec } from './session-types.ts';

const watch = (address: bigint): PerfEventSpec => ({ type: 'breakpoint', access: 'write', address, lengthBytes: 4 }); // prettier-ignore
const faults: PerfEventSpec = { type: 'software', event: 'page-faults' };

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

describe('threads that are born later', () => {
  it('are covered from their first instruction on when each event counts', async () => {
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const hits = hear(host, { event: watch(program.watched), rate: { period: 1 } });
    for (let i = 0; i < 23; i++) await program.act(0, 'spawn', 11);
    host.perf.drain();
    expect(hits.count).toBe(253);
    expect(hits.tids.size).toBe(23);
    expect(hits.arming.read().value).toBe(253n);
  });

  it('inherit from threads that have ended', async () => {
    await using program = await startProgram(binary);
    await program.startThread();
    using host = await openHost(program.pid);
    const hits = hear(host, { event: watch(program.watched), rate: { period: 1 } });
    await program.act(1, 'exit');
    const tid = await program.startThread();
    host.perf.drain();
    const before = hits.tids.get(tid) ?? 0;
    await program.act(2, 'write', 101);
    host.perf.drain();
    expect((hits.tids.get(tid) ?? 0) - before).toBe(101);
  });

  it('are found when each needs an event of its own, and their counts stay when they have ended', async () => {
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const some = hear(host, { event: faults, rate: { period: 10 }, read: true });
    const tid = await program.startThread();
    await until(() => host.threads.some((each) => each.tid === tid), 'the thread');
    const before = some.arming.read().value;
    await program.act(1, 'touch', 1009);
    host.perf.drain();
    expect(some.tids.get(tid)).toBeGreaterThanOrEqual(100);
    expect(some.arming.read().value - before).toBe(1009n);
    const own = some.arming.read(tid).value;
    await program.act(1, 'exit');
    await until(() => !host.threads.some((each) => each.tid === tid), 'its end');
    // Ending is worth a fault or two.
    expect(some.arming.read().value).toBeGreaterThanOrEqual(before + 1009n);
    expect(own).toBeGreaterThanOrEqual(1009n);
    expect(() => some.arming.read(tid)).toThrow('the thread has ended');
  });

  it('are told with their names', async () => {
    await using program = await startProgram(binary);
    using host = await openHost(program.pid);
    const changes: string[] = [];
    using listening = host.onThreads(({ added, removed }) => {
      for (const { tid } of added) changes.push(`+${tid}`);
      for (const { tid } of removed) changes.push(`-${tid}`);
    });
    const tid = await program.startThread();
    await until(() => changes.includes(`+${tid}`), 'the birth');
    await until(() => host.threads.some((each) => each.name === 'worker'), 'its name');
    await program.act(1, 'exit');
    await until(() => changes.includes(`-${tid}`), 'the end');
    listening[Symbol.dispose]();
    expect(changes).toEqual([`+${tid}`, `-${tid}`]);
    expect(host.threads.map((each) => each.tid)).toEqual([program.pid]);
  });

  it('keep each thread’s samples in order while it moves between processors', async () => {
    await using program = await startProgram(binary);
    for (let i = 0; i < 4; i++) await program.startThread();
    using host = await openHost(program.pid);
    const hits = hear(host, { event: watch(program.watched), rate: { period: 1 } });
    await Promise.all([1, 2, 3, 4].map((thread) => program.act(thread, 'sleep', 50)));
    for (let i = 0; i < 20; i++) {
      for (const thread of [1, 2, 3, 4]) await program.act(thread, 'write', 53);
    }
    host.perf.drain();
    expect(hits).toMatchObject({ count: 4240, disorder: 0, lost: 0 });
  });
});
