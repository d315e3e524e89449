import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeOther, encodeSample, header, TestRing } from '../../fixtures/perf/records.ts';
import type { TestSample } from '../../fixtures/perf/records.ts';
import type { PerfRequestArming } from './arming.ts';
import { Drain } from './drain.ts';
import type { PerfOpener } from './opener.ts';
import { RingReader } from './ring-reader.ts';
import type { Ring, Rings } from './rings.ts';
import { createSampleDecoder } from './sample-decoder.ts';

const pid = 7;

function makeSample(id: number, time: number): Uint8Array {
  return encodeSample({}, { id: BigInt(id), ip: 1n, pid, tid: pid, time: BigInt(time), mode: 2 } as TestSample); // prettier-ignore
}

/** Rings in memory, one event on each, and what came out. */
function makeBed(ringBytes: readonly number[]) {
  const memories = ringBytes.map((bytes) => new TestRing(bytes));
  const rings = memories.map(({ memory }): Ring => ({ fd: -1, reader: new RingReader(memory), events: new Set(), isKept: false, lost: 0, recordBytes: 64 })); // prettier-ignore
  const lostById = new Map<number, number>();
  const heard: { id: number; timeNs: number }[] = [];
  const told = { lost: 0, throttled: [] as boolean[] };
  const drain = new Drain({
    pid,
    opener: { features: { hasLost: true }, readCount: (fd: number) => ({ lost: lostById.get(fd) ?? 0 }) } as unknown as PerfOpener, // prettier-ignore
    rings: { all: new Set(rings), hold: () => ({ [Symbol.dispose]() {} }) } as unknown as Rings,
  });
  for (const [i, ring] of rings.entries()) {
    const decoder = createSampleDecoder({});
    const arming = {
      lane: 0,
      coverage: 'followed',
      decoder,
      request: { onThrottle: (isThrottled: boolean) => told.throttled.push(isThrottled) },
      deliver: () => heard.push({ id: i + 1, timeNs: decoder.sample.timeNs }),
      tellLost: (count: number) => (told.lost += count),
      guard: (call: () => void) => call(),
    } as unknown as PerfRequestArming;
    drain.add({ fd: i, id: i + 1, tid: pid, ring, arming, lost: 0, members: [], isOn: true });
  }
  return { memories, rings, drain, heard, told, lostById };
}

describe('Drain', () => {
  it('merges rings by time and loses nothing', () => {
    const times = fc.array(fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 12 }), { minLength: 1, maxLength: 5 }); // prettier-ignore
    fc.assert(
      fc.property(times, (lists) => {
        const { memories, drain, heard } = makeBed(lists.map(() => 4096));
        for (const [i, list] of lists.entries()) {
          for (const time of list.toSorted((a, b) => a - b))
            memories[i]?.write(makeSample(i + 1, time));
        }
        drain.run();
        expect(heard).toHaveLength(lists.flat().length);
        expect(heard.map(({ timeNs }) => timeNs)).toEqual(lists.flat().toSorted((a, b) => a - b));
      }),
    );
  });

  it('leaves what happened after its start for the next time', () => {
    const { memories, drain, heard } = makeBed([4096, 4096]);
    const future = Number(process.hrtime.bigint()) + 3600e9;
    memories[0]?.write(makeSample(1, 5));
    memories[1]?.write(makeSample(2, future));
    drain.run();
    expect(heard).toEqual([{ id: 1, timeNs: 5 }]);
    expect(memories[1]?.control[1]).toBe(0n);
  });

  it('tells new losses once, by the event’s own count', () => {
    const { memories, drain, told, lostById } = makeBed([4096]);
    memories[0]?.write(encodeOther(2, [1n, 30n], 5n, 1n));
    lostById.set(0, 31);
    drain.run();
    expect(told.lost).toBe(31);
    memories[0]?.write(encodeOther(2, [1n, 2n], 6n, 1n));
    lostById.set(0, 33);
    drain.run();
    expect(told.lost).toBe(33);
  });

  it('finds losses that no record tells of yet in a ring that is full', () => {
    const { memories, drain, told, lostById } = makeBed([256]);
    for (let time = 1; memories[0]?.write(makeSample(1, time)) === true; time++);
    lostById.set(0, 5);
    drain.run();
    expect(told.lost).toBe(5);
  });

  it('tells throttling, and threads that come and go', () => {
    const { memories, drain, told } = makeBed([4096]);
    const task = [BigInt(pid), (9n << 32n) | 8n, 5n];
    expect(drain.takeThreadsChanged()).toBe(false);
    memories[0]?.write(encodeOther(5, [5n, 1n, 1n], 5n, 1n));
    memories[0]?.write(encodeOther(6, [6n, 1n, 1n], 6n, 1n));
    memories[0]?.write(encodeOther(7, task, 7n, 99n));
    drain.run();
    expect(told.throttled).toEqual([true, false]);
    expect(drain.takeThreadsChanged()).toBe(true);
    expect(drain.takeThreadsChanged()).toBe(false);
  });

  it('survives rings full of garbage', () => {
    const junk = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.uint8Array({ maxLength: 200 }));
    fc.assert(
      fc.property(
        fc.array(junk, { maxLength: 12 }),
        fc.uint8Array({ maxLength: 128 }),
        (records, tail) => {
          const { memories, drain } = makeBed([4096, 4096]);
          for (const [i, [type, body]] of records.entries()) {
            memories[i % 2]?.write(header(type, 0, body.slice(0, body.length & ~7)));
          }
          memories[0]?.write(tail.slice(0, tail.length & ~7));
          for (let i = 0; i < 3; i++) drain.run();
          expect(drain.run()).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});
