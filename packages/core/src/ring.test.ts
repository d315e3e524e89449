// oxlint-disable vitest/no-conditional-expect -- what is expected depends on the generated case
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRingBuffer, ringMagic, ringWord, RingWriter } from './ring.ts';
import { RingReader } from './ring-reader.ts';
import { TestRing } from './test-ring.ts';

describe('a ring', () => {
  it.each([4096, 2 ** 20])('is made of %d bytes', (bytes) => {
    expect(() => createRingBuffer(bytes)).not.toThrow();
  });

  it.each([0, 2048, 4097, 2 ** 31, -4096, Number.NaN, 6000])('is not made of %d bytes', (bytes) => {
    expect(() => createRingBuffer(bytes)).toThrow(RangeError);
  });

  it('is told from other shared memory', () => {
    expect(() => new RingReader(new SharedArrayBuffer(16))).toThrow(RangeError);
    expect(() => new RingReader(new SharedArrayBuffer(8192))).toThrow('not a record ring');
  });

  it('goes on where its last writer stopped', () => {
    const buffer = createRingBuffer(4096);
    new RingWriter(buffer).publish(0, 40);
    const next = new RingWriter(buffer);
    expect(next.reserve(40)).toBe(40);
    expect(new RingReader(buffer).waitingBytes).toBe(40);
  });

  it('counts its bytes modulo 2^32', () => {
    const buffer = createRingBuffer(4096);
    const words = new Int32Array(buffer);
    const start = -4096 + 4064; // 32 bytes before the counters overflow to 0
    expect(words[ringWord.magic]).toBe(ringMagic);
    words[ringWord.head] = start;
    words[ringWord.tail] = start;
    const writer = new RingWriter(buffer);
    const reader = new RingReader(buffer);
    for (let i = 0; i < 20; i++) {
      const at = writer.reserve(200);
      writer.publish(at, at + 200);
      const visited: number[] = [];
      reader.read((run) => visited.push(run.length));
      expect(visited.reduce((sum, n) => sum + n)).toBeGreaterThanOrEqual(200);
      expect(reader.waitingBytes).toBe(0);
    }
  });

  it('wakes its reader for what is published after it went to sleep, and not before', async () => {
    const buffer = createRingBuffer(4096);
    const writer = new RingWriter(buffer);
    const reader = new RingReader(buffer);
    const publish = (): void => {
      const at = writer.reserve(40);
      writer.publish(at, at + 40);
    };
    publish();
    await reader.ring(60_000); // something waits: no sleep
    reader.read(() => {});
    for (let i = 0; i < 3; i++) {
      const woken = reader.ring(60_000);
      expect(reader.waitingBytes).toBe(0);
      publish();
      await woken;
      expect(reader.waitingBytes).toBe(40);
      reader.read(() => {});
    }
    const woken = reader.ring(60_000);
    reader.wake();
    await woken;
    await reader.ring(1);
    expect(reader.waitingBytes).toBe(0);
  });

  it('wakes its reader from a nap when half of it is full, and not before', async () => {
    const buffer = createRingBuffer(4096);
    const writer = new RingWriter(buffer);
    const reader = new RingReader(buffer);
    const words = new Int32Array(buffer);
    const publish = (): void => {
      const at = writer.reserve(512);
      writer.publish(at, at + 512);
    };
    for (let round = 0; round < 3; round++) {
      const napping = reader.nap(60_000);
      for (let i = 0; i < 4; i++) publish();
      expect(words[ringWord.nap]).toBe(1);
      publish();
      expect(words[ringWord.nap]).toBe(0);
      await napping;
      await reader.nap(60_000); // it is half full already
      expect(reader.read(() => {})).toBe(5 * 512);
    }
    const napping = reader.nap(60_000);
    reader.wake();
    await napping;
    await reader.nap(1);
    expect(words[ringWord.nap]).toBe(0);
  });

  it('delivers what was posted whole, in order, and tells exactly what is missing', () => {
    const steps = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.record({ length: fc.nat(400), stack: fc.boolean() }) },
        { weight: 1, arbitrary: fc.constant('read' as const) },
        { weight: 1, arbitrary: fc.constant('bad' as const) },
      ),
      { maxLength: 120 },
    );
    fc.assert(
      fc.property(fc.constantFrom(4096, 8192), steps, (bytes, script) => {
        const ring = new TestRing(bytes);
        const type = ring.registry.registerEventType({ name: 'tick', description: '', fields: { n: { type: 'u32' }, text: { type: 'string' } } }); // prettier-ignore
        const all = ring.registry.tap({ mode: 'record', pattern: 'tick', slot: 0 });
        const withStack = ring.registry.tap({ mode: 'record', pattern: 'tick', slot: 9, stack: 3, where: () => (p) => Number(p['n']) % 3 === 0 }); // prettier-ignore
        const posted: (string | undefined)[] = [];
        const items = [];
        for (const step of script) {
          if (step === 'read') items.push(...ring.read());
          else {
            const text = step === 'bad' ? undefined : 'é'.repeat(step.length);
            type.post({ n: posted.length, text: text as never });
            posted.push(text);
          }
        }
        items.push(...ring.read());
        // Room for what was not told yet: losses stand before the next event that is written.
        ring.registry.untap(all);
        ring.registry.untap(withStack);
        items.push(...ring.read());

        for (const [slot, tap] of [[0, all], [9, withStack]] as const) {
          const isFor = (n: number): boolean => slot === 0 || n % 3 === 0 || posted[n] === undefined;
          const expected = posted.flatMap((_, n) => (isFor(n) ? [n] : []));
          let next = 0;
          let lost = 0;
          for (const item of items) {
            if ('reason' in item) {
              if (item.slot !== slot) continue;
              next += item.count;
              lost += item.count;
            } else if (item.slots.includes(slot)) {
              // In its place: as many before it as were posted before it.
              expect(item.payload).toEqual({ n: expected[next], text: posted[expected[next] ?? -1] });
              next++;
            }
          }
          expect(next).toBe(expected.length);
          expect(tap.account).toMatchObject({ matched: expected.length, lost, delivered: expected.length - lost }); // prettier-ignore
          expect(ring.reader.counters(slot)).toEqual({ matched: expected.length, lost, throttled: 0 });
        }
      }),
      { numRuns: 60 },
    );
  });
}); // prettier-ignore
