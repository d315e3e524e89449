import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakePerf } from '../../fixtures/fake-linux.ts';
import { stopAtPc } from './stop-at-pc.ts';
import type { Landing, StopAtPc } from './stop-at-pc.ts';

const pc = 0x1234n;

interface Stopping {
  readonly perf: FakePerf;
  readonly landings: Landing[];
  readonly gaveUp: { times: number };
  readonly stopping: Disposable;
}

function start(options: Partial<StopAtPc> = {}, perf: FakePerf = new FakePerf()): Stopping {
  const landings: Landing[] = [];
  const gaveUp = { times: 0 };
  const stopping = stopAtPc(perf, {
    tid: 101,
    pc,
    landed: (landing) => void landings.push(landing),
    gaveUp: () => void gaveUp.times++,
    ...options,
  });
  return { perf, landings, gaveUp, stopping };
}

describe('stopping a thread at one instruction', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('opens a one-shot breakpoint on that thread and says when it was reached', () => {
    const { perf, landings } = start({ note: 'seen' });
    const [opened] = perf.of('breakpoint');
    expect(opened?.request).toMatchObject({
      tid: 101,
      signalsThread: true,
      rate: { period: 1 },
      event: { type: 'breakpoint', access: 'execute', address: pc, lengthBytes: 8 },
    });
    opened?.feed({ tid: 101, pc, timeMs: 7 });
    expect(landings).toEqual([{ timeNs: 7e6, isAtPc: true, note: 'seen' }]);
    opened?.feed({ tid: 101, pc, timeMs: 8 }); // switched on again by somebody
    vi.advanceTimersByTime(60_000);
    expect(landings).toHaveLength(1);
    expect(perf.opened.map(({ isOpen }) => isOpen)).toEqual([false]);
  });

  it('takes the next sample when the instruction was not reached within a second, and says so', () => {
    const { perf, landings } = start();
    vi.advanceTimersByTime(1000);
    expect(perf.of('breakpoint')).toEqual([]);
    const [clock] = perf.of('task-clock');
    expect(clock?.request).toMatchObject({ tid: 101, signalsThread: true });
    clock?.feed({ tid: 101, pc: 1, timeMs: 1010 });
    expect(landings).toMatchObject([{ isAtPc: false, timeNs: 1010e6 }]);
    expect(landings[0]?.note).toMatch(/not reached within 1 s.*next sample/);
  });

  it('still takes a sample that lay in the ring when its time was over', () => {
    const { perf, landings } = start();
    perf.onDrain = () => perf.of('breakpoint')[0]?.feed({ tid: 101, pc, timeMs: 999 });
    vi.advanceTimersByTime(1000);
    expect(landings).toMatchObject([{ isAtPc: true, timeNs: 999e6 }]);
    vi.runAllTimers();
    expect(perf.opened).toHaveLength(1);
  });

  it.each([
    ['EE_PERF_NO_SLOT', /no debug register is free/],
    ['EE_PERF_PERMISSION', /refused/],
  ])('takes the next sample after %s, and says so', (code, note) => {
    const perf = new FakePerf();
    perf.refuse = ({ event }) => (event.type === 'breakpoint' ? code : undefined);
    const { landings } = start({}, perf);
    perf.of('task-clock')[0]?.feed({ tid: 101, pc: 1, timeMs: 5 });
    expect(landings[0]?.note).toMatch(note);
    expect(landings[0]?.isAtPc).toBe(false);
  });

  it('takes the next sample where there is no instruction to wait at', () => {
    const { perf, landings } = start({ pc: undefined });
    expect(perf.of('breakpoint')).toEqual([]);
    perf.of('task-clock')[0]?.feed({ tid: 101, pc: 1, timeMs: 5 });
    expect(landings[0]?.note).toMatch(/no instruction/);
  });

  it('gives up on a thread that has ended, or does not run for ten seconds', () => {
    const perf = new FakePerf();
    perf.refuse = () => 'EE_PERF_NO_THREAD';
    expect(start({}, perf).gaveUp.times).toBe(1);
    const { gaveUp, perf: idle } = start();
    vi.advanceTimersByTime(11_000);
    expect(gaveUp.times).toBe(1);
    expect(idle.opened.every(({ isOpen }) => !isOpen)).toBe(true);
  });

  it('is called off by disposing', () => {
    const { perf, landings, gaveUp, stopping } = start();
    const [opened] = perf.of('breakpoint');
    stopping[Symbol.dispose]();
    expect(opened?.isOpen).toBe(false);
    vi.advanceTimersByTime(60_000);
    expect([landings.length, gaveUp.times, perf.opened.length]).toEqual([0, 0, 1]);
  });
});
