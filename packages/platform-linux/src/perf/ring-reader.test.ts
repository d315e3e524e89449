import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { header, TestRing } from '../../fixtures/perf/records.ts';
import { RingReader } from './ring-reader.ts';

function readAll(reader: RingReader): { type: number; bytes: number[] }[] {
  const records: { type: number; bytes: number[] }[] = [];
  reader.begin();
  for (; reader.next(); reader.advance()) {
    const { view, offset, sizeBytes, type } = reader;
    records.push({ type, bytes: [...new Uint8Array(view.buffer, view.byteOffset + offset, sizeBytes)] }); // prettier-ignore
  }
  reader.end();
  return records;
}

const records = fc.tuple(fc.nat({ max: 30 }), fc.uint8Array({ maxLength: 96 })).map(([type, body]) => header(type, 0, body.slice(0, body.length & ~7))); // prettier-ignore

describe('RingReader', () => {
  it('reads each record once, in order, over any number of wraps and drains', () => {
    const start = fc.nat({ max: 1 << 20 }).map((words) => words * 8);
    fc.assert(
      fc.property(
        start,
        fc.array(fc.array(records, { maxLength: 8 }), { maxLength: 30 }),
        (at, batches) => {
          const ring = new TestRing(256, at);
          const reader = new RingReader(ring.memory);
          for (const batch of batches) {
            const written = batch.filter((record) => ring.write(record));
            expect(readAll(reader).map(({ bytes }) => bytes)).toEqual(written.map((record) => [...record])); // prettier-ignore
            expect(ring.control[1]).toBe(ring.control[0]);
          }
          expect(reader.garbageBytes).toBe(0);
        },
      ),
    );
  });

  it('keeps what was not advanced over for the next time', () => {
    const ring = new TestRing(256);
    ring.write(header(1, 0, []));
    ring.write(header(2, 0, []));
    const reader = new RingReader(ring.memory);
    reader.begin();
    reader.next();
    reader.advance();
    expect(reader.next()).toBe(true);
    reader.end();
    expect(readAll(reader).map(({ type }) => type)).toEqual([2]);
  });

  it('comes to an end on garbage and reads what is written after it', () => {
    const state = fc.record({ bytes: fc.uint8Array({ minLength: 256, maxLength: 256 }), head: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), tail: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }) }); // prettier-ignore
    fc.assert(
      fc.property(state, fc.boolean(), ({ bytes, head, tail }, isNear) => {
        const ring = new TestRing(256);
        ring.data.set(bytes);
        ring.control[1] = isNear ? (tail & 0xffffn) * 8n : tail;
        ring.control[0] = isNear ? (ring.control[1] ?? 0n) + (head % 33n) * 8n : head;
        const reader = new RingReader(ring.memory);
        expect(readAll(reader).length).toBeLessThanOrEqual(32);
        expect(readAll(reader)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses memory that is no ring', () => {
    expect(() => new RingReader(new ArrayBuffer(8192))).toThrow(RangeError);
    const ring = new TestRing(256);
    ring.control[3] = 512n;
    expect(() => new RingReader(ring.memory)).toThrow('is not in');
  });
});
