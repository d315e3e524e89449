// oxlint-disable vitest/no-conditional-expect -- refusals are looked at where they are caught
// oxlint-disable unicorn/consistent-function-scoping -- small helpers stand beside their use
import type { PerfRequest } from '@extension-events/platform-linux';
import { describe, expect, it } from 'vitest';
import { createFakeHost } from '../fixtures/fake-host.ts';
import { namedCounters } from './counters.ts';
import { describeCounters } from './list-counters.ts';
import { armOverflow } from './overflow.ts';
import type { OverflowArming, OverflowRequest, PerfmonOverflowPayload } from './types.ts';

interface Posted {
  readonly payload: PerfmonOverflowPayload;
  readonly tid: number | undefined;
  readonly timestampNs: number | undefined;
}

function createArming(request: Partial<OverflowRequest>, more: Partial<OverflowArming> = {}): OverflowArming & { posted: Posted[]; lost: number[] } {
  const posted: Posted[] = [];
  const lost: number[] = [];
  return {
    armId: 1,
    subject: undefined,
    request: { counter: 'task-clock', kernel: false, ...request },
    isStop: false,
    narrow: [],
    post: (payload, subject, timestampNs) => void posted.push({ payload, tid: subject?.tid, timestampNs }),
    lose: (count) => void lost.push(count),
    posted,
    lost,
    ...more,
  };
} // prettier-ignore

describe('an overflow', () => {
  it('is told with what the sample carries', () => {
    const host = createFakeHost({ symbols: { work: { address: 0x401000n } } });
    const arming = createArming({ counter: 'faults', period: 7 });
    using _ = armOverflow(host, arming);
    const [event] = host.open;
    event?.sample({ tid: 5, pc: 0x401010n, timeNs: 99, value: 14n, enabledNs: 500, chain: [0x401010n, 0x402000n] }); // prettier-ignore
    event?.request.onLost?.(2);
    expect(arming.posted).toEqual([
      {
        payload: {
          counter: 'page-faults',
          count: 14,
          rawCount: 14,
          period: 7,
          enabledNs: 500,
          runningNs: 500,
          isScaled: false,
          pc: 0x401010n,
          symbol: 'work',
          module: '/bin/fake',
          stack: '0x401010\n0x402000',
        },
        tid: 5,
        timestampNs: 99,
      },
    ]);
    expect(arming.lost).toEqual([2]);
  });

  it('is scaled when the counter had to share', () => {
    const host = createFakeHost();
    const arming = createArming({ counter: 'cycles' });
    armOverflow(host, arming);
    host.open[0]?.sample({ value: 1000n, enabledNs: 300, runningNs: 100 });
    host.open[0]?.sample({ value: 1000n, enabledNs: 300, runningNs: 0 });
    expect(arming.posted.map(({ payload }) => [payload.count, payload.rawCount, payload.isScaled])).toEqual([
      [3000, 1000, true],
      [1000, 1000, false],
    ]);
  }); // prettier-ignore

  it('carries the counters that are read with it, scaled as it is itself', () => {
    const host = createFakeHost();
    const arming = createArming({ counter: 'cycles', with: 'cache-misses, faults' });
    armOverflow(host, arming);
    const [event] = host.open;
    expect(event?.request.group).toEqual([
      { event: { type: 'hardware', event: 'cache-misses' }, includesKernel: false },
      { event: { type: 'software', event: 'page-faults' }, includesKernel: false },
    ]);
    event?.sample({ value: 1000n, enabledNs: 300, runningNs: 100, group: [7n, 13n] });
    event?.sample({ value: 1000n, enabledNs: 300, runningNs: 300, group: [7n, 13n] });
    const [shared, alone] = arming.posted.map(({ payload }) => payload);
    expect(shared).toMatchObject({
      count: 3000,
      isScaled: true,
      values: '{"cache-misses":21,"page-faults":39}',
      rawValues: '{"cache-misses":7,"page-faults":13}',
    });
    expect(alone).toMatchObject({ count: 1000, values: '{"cache-misses":7,"page-faults":13}' });
    expect(alone).not.toHaveProperty('rawValues');
  });

  it.each([
    ['cycles', 'EE_PERFMON_GROUP', /cycles is there twice/],
    ['faults,page-faults', 'EE_PERFMON_GROUP', /page-faults is there twice/],
    ['page-fault', 'EE_PERFMON_COUNTER_UNKNOWN', /page-fault/],
    [
      Array.from({ length: 17 }, (_, i) => `r${i + 1}`).join(','),
      'EE_PERFMON_GROUP',
      /17 counters/,
    ],
  ])('is refused with %s beside it', (text, code, message) => {
    const host = createFakeHost();
    const arm = (): unknown => armOverflow(host, createArming({ counter: 'cycles', with: text }));
    expect(arm).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
    expect(host.open).toEqual([]);
  });

  it('says which counter beside it is absent, and when all are there but not at once', () => {
    const isMisses = ({ event }: PerfRequest): boolean => 'event' in event && event.event === 'cache-misses'; // prettier-ignore
    const without = createFakeHost({ refuse: (request) => (isMisses(request) ? 'EE_PERF_ABSENT' : undefined) }); // prettier-ignore
    const asked = createArming({ with: 'faults,cache-misses' });
    expect(() => armOverflow(without, asked)).toThrow(
      expect.objectContaining({ code: 'EE_PERFMON_COUNTER_ABSENT', message: expect.stringContaining('cache-misses'), hint: expect.stringContaining('page-faults') }), // prettier-ignore
    );
    const crowded = createFakeHost({ refuse: ({ group }) => (group === undefined ? undefined : 'EE_PERF_GROUP') }); // prettier-ignore
    expect(() => armOverflow(crowded, asked)).toThrow(
      expect.objectContaining({ code: 'EE_PERFMON_GROUP', message: expect.stringContaining('task-clock, page-faults, cache-misses') }), // prettier-ignore
    );
    expect([...without.open, ...crowded.open]).toEqual([]);
  });

  it('asks for one thread, its signal and its kernel side as the arming does', () => {
    const host = createFakeHost();
    const subject = { tid: 42, threadId: 2 };
    armOverflow(host, createArming({ counter: 'r1c2', kernel: true }, { subject, isStop: true }));
    expect(host.open[0]?.request).toMatchObject({
      event: { type: 'raw', config: 0x1c2n },
      rate: { period: 1_000_000 },
      tid: 42,
      signalsThread: true,
      includesKernel: true,
      read: true,
    });
  });

  it('counts the kernel side where there is no other', () => {
    const host = createFakeHost();
    for (const counter of ['context-switches', 'cpu-migrations', 'cgroup-switches', 'page-faults'])
      armOverflow(host, createArming({ counter }));
    expect(host.open.map(({ request }) => request.includesKernel)).toEqual([true, true, true, false]); // prettier-ignore
  });

  it('refuses the kernel side with what can be polled instead, when it is not permitted', () => {
    const host = createFakeHost({ refuse: () => 'EE_PERF_PERMISSION' });
    expect(() => armOverflow(host, createArming({ counter: 'context-switches' }))).toThrow(
      expect.objectContaining({
        code: 'EE_PERFMON_KERNEL_NEEDED',
        hint: expect.stringContaining('perfmon.threshold with resource=voluntary-switches'),
      }),
    );
    const asked = createArming({ counter: 'page-faults', kernel: true });
    expect(() => armOverflow(host, asked)).toThrow(
      expect.objectContaining({ code: 'EE_PERF_PERMISSION' }),
    );
  });

  it('names what is nearest to a counter that is absent, of what is there', () => {
    const hint = (present: string): string => {
      const isAbsent = ({ event }: PerfRequest): boolean => !('event' in event && event.event === present); // prettier-ignore
      const host = createFakeHost({ refuse: (request) => (isAbsent(request) ? 'EE_PERF_ABSENT' : undefined) }); // prettier-ignore
      try {
        armOverflow(host, createArming({ counter: 'LLC-load-misses' }));
      } catch (error) {
        expect(error).toMatchObject({ code: 'EE_PERFMON_COUNTER_ABSENT', message: expect.stringContaining('LLC-load-misses is absent here') }); // prettier-ignore
        expect(host.open).toEqual([]);
        return (error as { hint: string }).hint;
      }
      throw new Error('it was armed');
    };
    expect(hint('cache-misses')).toContain('counter=cache-misses');
    expect(hint('task-clock')).toContain('counter=task-clock');
    expect(hint('nothing')).toContain('Nothing comes near');
  });

  it.runIf(process.arch === 'x64')('refuses what this architecture never raises', () => {
    const host = createFakeHost();
    for (const counter of ['alignment-faults', 'emulation-faults'])
      expect(() => armOverflow(host, createArming({ counter }))).toThrow(/never raises it on x64/);
    expect(host.open).toEqual([]);
  });
});

describe('the list of counters', () => {
  it('tells each counter with its code, reason and substitute', () => {
    const refuse = ({ event, includesKernel }: PerfRequest): string | undefined => {
      if (event.type !== 'software') return 'EE_PERF_ABSENT';
      return includesKernel === true ? 'EE_PERF_PERMISSION' : undefined;
    };
    const counters = describeCounters(createFakeHost({ refuse }).perf, process.pid);
    expect(counters).toHaveLength(namedCounters.length);
    const find = (name: string): unknown => counters.find((counter) => counter.name === name);
    expect(find('task-clock')).toEqual({
      name: 'task-clock',
      kind: 'software',
      unit: 'ns',
      defaultPeriod: 10_000_000,
      ok: true,
    });
    expect(find('cycles')).toMatchObject({ ok: false, code: 'EE_PERFMON_COUNTER_ABSENT', substitute: 'task-clock' }); // prettier-ignore
    expect(find('LLC-load-misses')).toMatchObject({ ok: false, substitute: 'page-faults' });
    expect(find('context-switches')).toMatchObject({ ok: false, code: 'EE_PERFMON_KERNEL_NEEDED' });
    expect(find('context-switches')).not.toHaveProperty('substitute');
  });
});
