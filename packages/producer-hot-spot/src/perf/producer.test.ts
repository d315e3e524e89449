import { getRegistry } from '@extension-events/core';
import type { Registry, RequestValues } from '@extension-events/core';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { FakeLinux, FakeSymbols, kernelBase, turn } from '../../fixtures/fake-linux.ts';
import type { Fed } from '../../fixtures/fake-linux.ts';
import type { HotSpotPayload } from '../types.ts';
import { createNativeHotSpotProducer } from './producer.ts';

interface Heard {
  readonly payload: HotSpotPayload;
  readonly tid: number;
  readonly timeMs: number;
}

class Bed implements Disposable {
  readonly host: FakeLinux = new FakeLinux();
  readonly others: Map<number, FakeSymbols> = new Map();
  readonly #registry: Registry = getRegistry();
  readonly #running: Disposable;
  readonly #taps: ReturnType<Registry['tap']>[] = [];

  constructor() {
    const producer = createNativeHotSpotProducer(async () => (pid) => {
      const symbols = new FakeSymbols(`/bin/of-${pid}`);
      this.others.set(pid, symbols);
      return symbols;
    });
    this.#running = producer.start(this.#registry, this.host);
  }

  /** Listens, or catches, and collects what comes; throws what the source refuses with. */
  async listen(request: RequestValues, options: Listen = {}): Promise<Listened> {
    const { name = 'hot-spot', isStop = false, tid } = options;
    const heard: Heard[] = [];
    let refusal: unknown;
    const hear = ({ payload, subject, timestampNs }: Told): void => {
      heard.push({ payload, tid: subject.tid, timeMs: timestampNs / 1e6 });
    };
    const registry = this.#registry;
    registry.onStop = (_ids, event) => hear(event as unknown as Told);
    const tap = registry.tap({
      mode: isStop ? 'stop' : 'probe',
      pattern: name,
      request,
      catchId: 1,
      ...(tid === undefined ? {} : { subject: { tid, threadId: -1 } }),
      onFailure: (_name, error) => void (refusal = error),
      run: (event: Told) => hear(event),
    });
    this.#taps.push(tap);
    await turn();
    if (refusal !== undefined) throw refusal;
    return { heard, unlisten: () => registry.untap(tap) };
  }

  feed(...samples: Fed[]): Promise<void> {
    return this.host.perf.feed(...samples);
  }

  [Symbol.dispose](): void {
    for (const tap of this.#taps) this.#registry.untap(tap);
    this.#running[Symbol.dispose]();
  }
}

interface Told {
  readonly payload: HotSpotPayload;
  readonly subject: { readonly tid: number };
  readonly timestampNs: number;
}

interface Listen {
  readonly name?: string;
  readonly isStop?: boolean;
  readonly tid?: number;
}

interface Listened {
  readonly heard: Heard[];
  unlisten(): void;
}

/** Samples, one a millisecond. */
function stream(count: number, pc: number | bigint, fromMs = 0, rest: Partial<Fed> = {}): Fed[] {
  return Array.from({ length: count }, (_, at) => ({ pc, timeMs: fromMs + at, ...rest }));
}

const functions = ({ heard }: Listened): string[] => heard.map(({ payload }) => payload.function);

describe('hot spots of native threads', () => {
  it('are posted at the N-th hit, with its time and all that is known of the place', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 10 });
    await bed.feed(...stream(9, 0x1004, 0, { chain: [0x2010] }));
    expect(listened.heard).toEqual([]);
    await bed.feed({ pc: 0x1104, timeMs: 9 }, ...stream(5, 0x1004, 10));
    expect(listened.heard).toEqual([
      {
        tid: 100,
        timeMs: 10,
        payload: {
          source: 'perf',
          function: 'f10',
          url: '/src/fake.c',
          line: 129,
          symbol: 'f10',
          module: '/bin/fake',
          offset: 4,
          pc: 0x1004n,
          hits: 10,
          samples: 11,
          share: 10 / 11,
          windowMs: 2000,
          confirmed: true,
          stack: 'f10 (/bin/fake)\nf20 (/bin/fake)',
        },
      },
    ]);
  });

  it('are posted at the N-th hit exactly, whatever else is sampled and however it comes in batches', async () => {
    const pcs = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 120 });
    const sizes = fc.integer({ min: 1, max: 30 });
    const property = fc.asyncProperty(pcs, sizes, fc.integer({ min: 2, max: 20 }), async (stream_, size, hits) => {
      using bed = new Bed();
      const listened = await bed.listen({ hits, windowMs: 60_000, cooldownMs: 3_600_000 });
      const samples = stream_.map((pc, timeMs) => ({ pc: 0x1000 + 0x100 * pc, timeMs }));
      for (let at = 0; at < samples.length; at += size) await bed.feed(...samples.slice(at, at + size));
      const expected = [0, 1, 2, 3, 4].flatMap((pc) => {
        const nth = stream_.flatMap((each, at) => (each === pc ? [at] : []))[hits - 1];
        return nth === undefined ? [] : [[`f${(0x10 + pc).toString(16)}`, nth]];
      });
      const seen = listened.heard.map(({ payload, timeMs }) => [payload.function, timeMs]);
      expect(seen).toEqual(expected.toSorted((a, b) => Number(a[1]) - Number(b[1])));
      for (const { payload } of listened.heard) expect(payload.hits).toBe(hits);
    });
    await fc.assert(property, { numRuns: 30 });
  }); // prettier-ignore

  it('rest for the cooldown, and then gather all their hits anew', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 10, cooldownMs: 100 });
    await bed.feed(...stream(300, 0x1004));
    expect(listened.heard.map(({ timeMs }) => timeMs)).toEqual([9]);
    await bed.feed(...stream(300, 0x1004, 300));
    expect(listened.heard.map(({ timeMs }) => timeMs).at(1)).toBe(309);
  });

  it('slide with the window', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 10, windowMs: 100 });
    await bed.feed(...Array.from({ length: 50 }, (_, at) => ({ pc: 0x1004, timeMs: at * 12 })));
    expect(listened.heard).toEqual([]);
    await bed.feed(...stream(10, 0x1004, 600));
    expect(listened.heard).toHaveLength(1);
  });

  it('are found in a batch that is longer than the window', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 10, windowMs: 100 });
    await bed.feed(...stream(10, 0x1004), ...stream(500, 0x1104, 10));
    expect(listened.heard).toMatchObject([
      { timeMs: 9, payload: { function: 'f10', hits: 10 } },
      { timeMs: 19, payload: { function: 'f11', hits: 10 } },
    ]);
  });

  it('take samples in the order of their times, from whatever ring they come', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 3 });
    await bed.feed({ pc: 0x1004, timeMs: 5 }, { pc: 0x1004, timeMs: 1 }, { pc: 0x1004, timeMs: 3 });
    await bed.feed({ pc: 0x1004, timeMs: 2 });
    expect(listened.heard.map(({ timeMs }) => timeMs)).toEqual([5]);
  });

  it('are sampled at the frequency that is asked for, 997 Hz when none is', async () => {
    using bed = new Bed();
    await bed.listen({ frequencyHz: 101 });
    await bed.listen({});
    await bed.listen({}, { name: 'hot-spot.sample' });
    const rates = bed.host.perf.of('task-clock').map(({ request: { rate } }) => rate);
    expect(rates).toEqual([{ frequencyHz: 101 }, { frequencyHz: 997 }, { frequencyHz: 50 }]);
  });

  it('are counted for each thread apart', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 10 });
    await bed.feed(...stream(9, 0x1004), ...stream(9, 0x1004, 9, { tid: 101 }));
    expect(listened.heard).toEqual([]);
    await bed.feed({ pc: 0x1004, tid: 101, timeMs: 20 });
    expect(listened.heard.map(({ tid }) => tid)).toEqual([101]);
  });

  it('are counted over the threads of the process, and name the one with the most hits', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 10, scope: 'process' });
    await bed.feed(...stream(4, 0x1004), ...stream(6, 0x1008, 4, { tid: 101 }));
    expect(listened.heard).toMatchObject([{ tid: 101, payload: { pc: 0x1008n, hits: 10 } }]);
  });

  it('need their share of all samples where threads are counted together', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ share: 0.5, frequencyHz: 100, windowMs: 1000, scope: 'process' });
    const mixed = stream(200, 0x1004).map((each, at) => (at % 3 === 0 ? each : { ...each, pc: 0x1104 + 0x100 * (at % 7) }));
    await bed.feed(...mixed);
    expect(listened.heard).toEqual([]);
    await bed.feed(...stream(200, 0x1004, 200));
    expect(functions(listened)).toEqual(['f10']);
  }); // prettier-ignore

  it('are counted over the whole system, with the process of the thread', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 4, scope: 'system' });
    expect(bed.host.perf.of('task-clock')[0]?.request.isSystemWide).toBe(true);
    await bed.feed(
      { pc: 0x1004, timeMs: 1, pid: 0, tid: 0 },
      ...stream(3, 0x1004, 2),
      ...stream(4, 0x1004, 5, { pid: 700, tid: 701 }),
    );
    expect(listened.heard).toMatchObject([
      { tid: 701, payload: { pid: 700, module: '/bin/of-700' } },
    ]);
  });

  it('are refused with a code where the whole system may not be seen', async () => {
    using bed = new Bed();
    bed.host.perf.refuse = ({ isSystemWide }) => (isSystemWide === true ? 'EE_PERF_PERMISSION' : undefined);
    await expect(bed.listen({ scope: 'system' })).rejects.toMatchObject({ code: 'EE_PERF_PERMISSION' });
  }); // prettier-ignore

  it('are refused where one thread was chosen for the scope of many, or a stop for the system', async () => {
    using bed = new Bed();
    const refused = { code: 'EE_HOT_SPOT_SCOPE' };
    await expect(bed.listen({ scope: 'process' }, { tid: 101 })).rejects.toMatchObject(refused);
    await expect(bed.listen({ scope: 'system' }, { isStop: true })).rejects.toMatchObject(refused);
    await bed.listen({ scope: 'process' }, { isStop: true });
  });

  it('are sampled on one thread alone when it was chosen', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 2 }, { tid: 101 });
    expect(bed.host.perf.of('task-clock')[0]?.request.tid).toBe(101);
    await bed.feed(...stream(5, 0x1004), ...stream(5, 0x1104, 5, { tid: 101 }));
    expect(functions(listened)).toEqual(['f11']);
  });

  it('are left to V8 on its threads, unless it cannot do what is asked', async () => {
    using bed = new Bed();
    bed.host.scripted.add(100);
    const usual = await bed.listen({ hits: 3 });
    const byPc = await bed.listen({ hits: 3, by: 'pc' });
    const ofAll = await bed.listen({ hits: 3, scope: 'process' });
    await bed.feed(...stream(5, 0x1004));
    expect([usual, byPc, ofAll].map(({ heard }) => heard.length)).toEqual([0, 1, 1]);
    await bed.feed(...stream(5, 0x1004, 5, { tid: 101 }));
    expect(usual.heard.map(({ tid }) => tid)).toEqual([101]);
  });

  it('are single instructions when counted by pc', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 5, by: 'pc' });
    await bed.feed(...stream(4, 0x1004), ...stream(4, 0x1008, 4), ...stream(1, 0x1008, 8));
    expect(listened.heard).toMatchObject([{ payload: { pc: 0x1008n, hits: 5, samples: 9 } }]);
  });

  it('are source lines when counted by line', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 5, by: 'line' });
    await bed.feed(...stream(4, 0x1004), ...stream(2, 0x1040, 4), ...stream(3, 0x1044, 6));
    expect(listened.heard).toMatchObject([{ payload: { line: 131, hits: 5, samples: 9 } }]);
  });

  it('come without a line when the symbolizer takes too long', async () => {
    using bed = new Bed();
    bed.host.symbols.gate = new Promise(() => undefined);
    const listened = await bed.listen({ hits: 2 });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await bed.feed(...stream(5, 0x1004));
      expect(listened.heard).toEqual([]);
      vi.advanceTimersByTime(2000);
      await turn();
    } finally {
      vi.useRealTimers();
    }
    expect(listened.heard).toMatchObject([{ payload: { function: 'f10', url: '', line: 0 } }]);
  });

  it('name the kernel function where the kernel runs for the thread', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 2 });
    await bed.feed(...stream(5, kernelBase + 4n, 0, { chain: [0x1004] }));
    expect(listened.heard).toMatchObject([
      { payload: { function: 'sys_fake', module: '[kernel]', pc: kernelBase + 4n } },
    ]);
  });

  it('leave the kernel out where it may not be seen, and say so', async () => {
    using bed = new Bed();
    bed.host.perf.refuse = ({ includesKernel }) => (includesKernel === true ? 'EE_PERF_PERMISSION' : undefined);
    const listened = await bed.listen({ hits: 2 });
    await bed.feed(...stream(5, 0x1004));
    expect(listened.heard).toMatchObject([{ payload: { note: 'time in the kernel is not seen' } }]);
  }); // prettier-ignore

  it('say how many samples were lost on the way', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 2 });
    for (const { request } of bed.host.perf.of('task-clock')) request.onLost?.(17);
    await bed.feed(...stream(5, 0x1004));
    expect(listened.heard[0]?.payload.note).toBe('17 samples lost');
  });

  it('show module and offset where there are no symbols', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 2 });
    await bed.feed(...stream(5, 0x8123));
    expect(listened.heard).toMatchObject([
      {
        payload: {
          function: 'stripped.so+0x123',
          module: '/lib/stripped.so',
          offset: 0x123,
          note: 'no symbol: counted by blocks of 256 bytes',
        },
      },
    ]);
    expect(listened.heard[0]?.payload).not.toHaveProperty('symbol');
  });

  it('count a stripped function together, and show where it starts', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 5 });
    await bed.feed(...stream(2, 0x40123), ...stream(3, 0x40523, 2), ...stream(4, 0x41123, 5));
    expect(listened.heard).toMatchObject([
      {
        timeMs: 4,
        payload: {
          function: 'bounded.so+0x10000',
          module: '/lib/bounded.so',
          offset: 0x10523,
          pc: 0x40523n,
          hits: 5,
          note: 'no symbol: counted by the function of the unwind table',
        },
      },
    ]);
    expect(listened.heard[0]?.payload).not.toHaveProperty('symbol');
  });

  it('stop with the listener, and close all that was opened', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 2 });
    listened.unlisten();
    expect(bed.host.perf.of('task-clock')).toEqual([]);
    expect(bed.host.threadListeners).toBe(0);
  });

  it('start anew for a thread number that is used again', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 10 });
    await bed.feed(...stream(9, 0x1004, 0, { tid: 101 }));
    bed.host.end(101);
    await bed.feed(...stream(9, 0x1004, 9, { tid: 101 }));
    expect(listened.heard).toEqual([]);
  });
});

describe('candidates and samples of native threads', () => {
  it('tell the hottest place now and then while none reaches the share', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ share: 0.9, everyMs: 500 }, { name: 'hot-spot.candidate' });
    for (let at = 0; at < 3000; at += 10) {
      await bed.feed(...stream(6, 0x1004, at), ...stream(4, 0x1104, at + 6));
    }
    expect(listened.heard.length).toBeGreaterThan(2);
    expect(new Set(functions(listened))).toEqual(new Set(['f10']));
  });

  it('say nothing of candidates while a place is hot', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ share: 0.1, everyMs: 500 }, { name: 'hot-spot.candidate' });
    for (let at = 0; at < 3000; at += 10) await bed.feed(...stream(10, 0x1004, at));
    expect(listened.heard).toEqual([]);
  });

  it('post each sample with its stack, and account for those that were lost', async () => {
    using bed = new Bed();
    const listened = await bed.listen({}, { name: 'hot-spot.sample' });
    await bed.feed(...stream(40, 0x1004, 0, { chain: [0x2010] }));
    expect(listened.heard).toHaveLength(40);
    expect(listened.heard[39]).toMatchObject({ timeMs: 39, payload: { function: 'f10', line: 129, stack: 'f10 (/bin/fake)\nf20 (/bin/fake)' } });
  }); // prettier-ignore
});

describe('a caught hot spot', () => {
  it('is posted when the thread reached the hot instruction', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 3 }, { isStop: true });
    await bed.feed(...stream(5, 0x1004, 0, { tid: 101 }));
    expect(listened.heard).toEqual([]);
    const [opened] = bed.host.perf.of('breakpoint');
    expect(opened?.request).toMatchObject({ tid: 101, signalsThread: true, event: { address: 0x1004n } });
    opened?.feed({ tid: 101, pc: 0x1004, timeMs: 50 });
    expect(listened.heard).toMatchObject([
      { tid: 101, timeMs: 50, payload: { function: 'f10', line: 129, hits: 3, pc: 0x1004n, confirmed: true } },
    ]);
  }); // prettier-ignore

  it('is one at a time on a thread, and may come again after the cooldown', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 3, cooldownMs: 0 }, { isStop: true });
    await bed.feed(...stream(5, 0x1004));
    await bed.feed(...stream(50, 0x1104, 5));
    expect(bed.host.perf.of('breakpoint')).toHaveLength(1);
    bed.host.perf.of('breakpoint')[0]?.feed({ pc: 0x1004, timeMs: 60 });
    await turn();
    await bed.feed(...stream(5, 0x1104, 61));
    bed.host.perf.of('breakpoint')[0]?.feed({ pc: 0x1104, timeMs: 70 });
    expect(functions(listened)).toEqual(['f10', 'f11']);
  });

  it('is posted at the next sample when no debug register is free, and says so', async () => {
    using bed = new Bed();
    bed.host.perf.refuse = ({ event }) => (event.type === 'breakpoint' ? 'EE_PERF_NO_SLOT' : undefined);
    const listened = await bed.listen({ hits: 3 }, { isStop: true });
    await bed.feed(...stream(5, 0x1004));
    bed.host.perf.of('task-clock')[1]?.feed({ pc: 0x5555, timeMs: 50 });
    expect(listened.heard).toMatchObject([{ timeMs: 50, payload: { pc: 0x1004n, confirmed: false } }]);
    expect(listened.heard[0]?.payload.note).toMatch(/no debug register.*next sample/);
  }); // prettier-ignore

  it('waits where the system call returns when it is hot in the kernel', async () => {
    using bed = new Bed();
    await bed.listen({ hits: 3 }, { isStop: true });
    await bed.feed(...stream(5, kernelBase + 4n, 0, { chain: [kernelBase + 99n, 0x1004] }));
    expect(bed.host.perf.of('breakpoint')[0]?.request.event).toMatchObject({ address: 0x1004n });
  });

  it('leaves nothing armed when the catchpoint goes while it waits', async () => {
    using bed = new Bed();
    const listened = await bed.listen({ hits: 3 }, { isStop: true });
    await bed.feed(...stream(5, 0x1004));
    listened.unlisten();
    expect(bed.host.perf.opened.every(({ isOpen }) => !isOpen)).toBe(true);
    const again = await bed.listen({ hits: 3 }, { isStop: true });
    await bed.feed(...stream(5, 0x1004));
    bed.host.end(100);
    expect(bed.host.perf.of('breakpoint')).toEqual([]);
    expect(again.heard).toEqual([]);
  });

  it('of single samples signals the sampled thread itself', async () => {
    using bed = new Bed();
    const listened = await bed.listen({}, { name: 'hot-spot.sample', isStop: true });
    const [opened] = bed.host.perf.of('task-clock');
    expect(opened?.request).toMatchObject({ signalsThread: true, rate: { period: 20_000_000 } });
    opened?.feed({ pc: 0x1004, timeMs: 3, tid: 101 });
    expect(listened.heard).toMatchObject([{ tid: 101, timeMs: 3, payload: { function: 'f10' } }]);
  });
});
