import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeHost } from '../fixtures/fake-host.ts';
import { getResource, growth, type Look, type Resource } from './resources.ts';
import { ThresholdWatch } from './threshold.ts';
import type { PerfmonThresholdPayload, ThresholdArming, ThresholdRequest } from './types.ts';

interface Posted {
  readonly payload: PerfmonThresholdPayload;
  readonly tid: number | undefined;
}

function createArming(request: Partial<ThresholdRequest>, more: Partial<ThresholdArming> = {}): ThresholdArming & { posted: Posted[] } {
  const posted: Posted[] = [];
  return {
    armId: 1,
    subject: undefined,
    request: { resource: 'rss', above: 100, everyMs: 10, ...request },
    isStop: false,
    narrow: [],
    post: (payload, subject) => void posted.push({ payload, tid: subject?.tid }),
    lose: () => {},
    posted,
    ...more,
  };
} // prettier-ignore

/** A resource whose looks the test gives. */
function scripted(name: Resource['name'], looks: (Look | undefined | Error)[]): Resource {
  return {
    ...getResource(name),
    look: () => {
      const look = looks.length > 1 ? looks.shift() : looks[0];
      if (look instanceof Error) throw look;
      return look;
    },
  };
}

const tick = (count = 1): void => void vi.advanceTimersByTime(count * 10);

describe('a threshold', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is told once for each passing, about the main thread', () => {
    const host = createFakeHost({ pid: 7 });
    const arming = createArming({});
    using watch = new ThresholdWatch(host, arming, scripted('rss', [50, 101, 102, 99, 101, 90, 150, 150]));
    tick(7);
    expect(arming.posted).toEqual([
      { payload: { resource: 'rss', value: 101, limit: 100, unit: 'By' }, tid: 7 },
      { payload: { resource: 'rss', value: 150, limit: 100, unit: 'By' }, tid: 7 },
    ]);
    watch[Symbol.dispose]();
    tick(5);
    expect(arming.posted).toHaveLength(2);
  }); // prettier-ignore

  it('that is passed already is told, but not before the arming is done', () => {
    const arming = createArming({});
    using _ = new ThresholdWatch(createFakeHost(), arming, scripted('rss', [500]));
    expect(arming.posted).toEqual([]);
    tick(3);
    expect(arming.posted).toHaveLength(1);
  });

  it('is told of a rate as growth per time, whoever of the threads grew', () => {
    const looks = [
      new Map([[1, 1000], [2, 5]]),
      new Map([[1, 1001], [2, 5]]),
      new Map([[1, 1001], [3, 50]]),
    ]; // prettier-ignore
    const arming = createArming({ resource: 'voluntary-switches', above: 1000 });
    using _ = new ThresholdWatch(createFakeHost(), arming, scripted('voluntary-switches', looks), () => Date.now() * 1e6);
    tick(4);
    expect(arming.posted.map(({ payload }) => [payload.unit, Math.round(payload.value / 10)])).toEqual([
      ['/s', 500],
    ]); // 50 within 10 ms
  }); // prettier-ignore

  it('is refused when the resource cannot be read, and is silent when that comes later', () => {
    const host = createFakeHost();
    const gone = Object.assign(new Error('no such process'), { code: 'ESRCH' });
    const arm = (looks: (Look | undefined | Error)[]): ThresholdWatch =>
      new ThresholdWatch(host, createArming({}), scripted('rss', looks));
    for (const first of [gone, undefined])
      expect(() => arm([first])).toThrow(expect.objectContaining({ code: 'EE_PERFMON_RESOURCE' }));
    const forbidden = Object.assign(new Error('not permitted'), { code: 'EACCES' });
    expect(() => arm([forbidden])).toThrow(expect.objectContaining({ hint: expect.stringContaining('root') }));
    using _ = arm([50, gone, undefined]);
    expect(() => tick(5)).not.toThrow();
  }); // prettier-ignore

  it('of the process is refused for a thread that is not the main one', () => {
    const host = createFakeHost({ pid: 7 });
    const other = createArming({}, { subject: { tid: 8, threadId: 0 } });
    expect(() => new ThresholdWatch(host, other, scripted('rss', [1]))).toThrow(
      expect.objectContaining({ code: 'EE_PERFMON_SUBJECT' }),
    );
    const main = createArming({}, { subject: { tid: 7, threadId: 0 } });
    using _ = new ThresholdWatch(host, main, scripted('rss', [1, 500]));
    tick();
    expect(main.posted).toHaveLength(1);
  });

  it('stops the thread that runs next, once, and says that it is no exact place', () => {
    const host = createFakeHost({ pid: 7 });
    const arming = createArming({}, { isStop: true });
    const watch = new ThresholdWatch(host, arming, scripted('rss', [50, 101, 50, 101]));
    tick();
    expect(arming.posted).toEqual([]);
    const [event] = host.open;
    expect(event?.request).toMatchObject({
      event: { type: 'software', event: 'task-clock' },
      signalsThread: true,
    });
    expect(event?.request).not.toHaveProperty('tid');
    event?.sample({ tid: 9 });
    event?.sample({ tid: 10 });
    expect(arming.posted).toEqual([
      {
        payload: expect.objectContaining({ value: 101, note: expect.stringContaining('polled') }),
        tid: 9,
      },
    ]);
    tick();
    expect(event?.isOpen).toBe(false);
    tick();
    expect(host.open).toHaveLength(1);
    watch[Symbol.dispose]();
    expect(host.open).toEqual([]);
  });
});

describe('growth', () => {
  it('counts new threads from zero and leaves those out that have ended', () => {
    const before = new Map([[1, 10], [2, 100]]); // prettier-ignore
    expect(growth(before, new Map([[1, 15], [3, 7]]))).toBe(12); // prettier-ignore
    expect(growth(before, new Map([[2, 3]]))).toBe(0); // the number belongs to another thread now
  });
});

describe.runIf(process.platform === 'linux')('resources of this process', () => {
  const { pid } = process;

  it.each(['rss', 'virtual', 'threads', 'fds'] as const)('tells %s', (name) => {
    const look = getResource(name).look({ pid, tid: undefined });
    expect(look).toBeGreaterThan(name === 'threads' ? 1 : 2);
  });

  it('tells all threads or one', () => {
    for (const name of ['cpu-share', 'cpu-wait-share', 'voluntary-switches', 'involuntary-switches', 'minor-faults', 'major-faults', 'read-bytes', 'written-bytes'] as const) {
      const all = getResource(name).look({ pid, tid: undefined }) as ReadonlyMap<number, number>;
      const one = getResource(name).look({ pid, tid: pid }) as ReadonlyMap<number, number>;
      expect(all.size).toBeGreaterThan(1);
      expect([...one.keys()]).toEqual([pid]);
    }
  }); // prettier-ignore
});
