import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeSample } from '../../fixtures/perf/records.ts';
import type { TestSample } from '../../fixtures/perf/records.ts';
import { createSampleDecoder } from './sample-decoder.ts';
import type { PerfContent } from './session-types.ts';

const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const contents: fc.Arbitrary<PerfContent> = fc.record({
  address: fc.boolean(),
  read: fc.boolean(),
  group: fc.array(fc.constant({ event: { type: 'software', event: 'page-faults' } } as const), { maxLength: 5 }), // prettier-ignore
  callchain: fc.boolean(),
  raw: fc.boolean(),
  userRegisters: fc.boolean(),
  userStackBytes: fc.constantFrom(0, 8, 64),
});
// User addresses, with the markers between kernel and user frames among them.
const entries = fc.oneof(fc.bigInt({ min: 0n, max: 1n << 47n }), fc.constantFrom((1n << 64n) - 128n, (1n << 64n) - 512n)); // prettier-ignore
const samples: fc.Arbitrary<TestSample> = fc.record({
  id: u64,
  ip: u64,
  pid: u32,
  tid: u32,
  time: fc.bigInt({ min: 0n, max: 1n << 53n }),
  mode: fc.constantFrom(1, 2),
  address: u64,
  group: fc.array(u64, { minLength: 5, maxLength: 5 }),
  read: fc.tuple(u64, fc.bigInt({ min: 0n, max: 1n << 53n }), fc.bigInt({ min: 0n, max: 1n << 53n }), u64), // prettier-ignore
  chain: fc.array(entries, { maxLength: 40 }),
  raw: fc.uint8Array({ maxLength: 200 }),
  registers: fc.oneof(fc.constant([]), fc.array(u64, { minLength: 20, maxLength: 20 })),
  stack: fc.uint8Array({ maxLength: 8 }),
});

describe('createSampleDecoder', () => {
  it('reads back what a record of any content says', () => {
    fc.assert(
      fc.property(contents, samples, fc.nat({ max: 5 }), (content, expected, words) => {
        const record = encodeSample(content, expected);
        const bytes = new Uint8Array(words * 8 + record.length);
        bytes.set(record, words * 8);
        const decoder = createSampleDecoder(content, { registerCount: 20 });
        expect(decoder.decode(new DataView(bytes.buffer), words * 8, record.length)).toBe(true);
        const { sample } = decoder;
        expect(sample).toMatchObject({ pid: expected.pid, tid: expected.tid, timeNs: Number(expected.time), isKernel: expected.mode === 1 }); // prettier-ignore
        expect(sample.pcBig).toBe(expected.ip);
        expect(sample.pc).toBe(Number(expected.ip));
        expect(sample.address).toBe(content.address === true ? expected.address : 0n);
        const members = content.group ?? [];
        const isRead = content.read === true || members.length > 0;
        expect(sample.count.value).toBe(isRead ? expected.read[0] : 0n);
        expect(sample.count.runningNs).toBe(isRead ? Number(expected.read[2]) : 0);
        expect(sample.groupValues()).toEqual(expected.group?.slice(0, members.length));
        expect(sample.userRegisters()).toEqual(content.userRegisters === true ? expected.registers : []); // prettier-ignore
        const chain = expected.chain.filter((each) => each < 1n << 63n);
        expect(sample.callchain().map(({ address }) => address)).toEqual(content.callchain === true ? chain : []); // prettier-ignore
        const raw = sample.raw();
        expect(raw.byteLength).toBeGreaterThanOrEqual(content.raw === true ? expected.raw.length : 0); // prettier-ignore
        expect([...sample.userStack()]).toEqual(content.userStackBytes === 0 ? [] : [...expected.stack]); // prettier-ignore
      }),
    );
  });

  it('tells kernel frames from user frames by the markers between them', () => {
    const user = (1n << 64n) - 512n;
    const kernel = (1n << 64n) - 128n;
    const [expected] = fc.sample(samples, { numRuns: 1, seed: 1 });
    const record = encodeSample({ callchain: true }, { ...expected, mode: 1, chain: [kernel, 1n, 2n, user, 3n] } as TestSample); // prettier-ignore
    const decoder = createSampleDecoder({ callchain: true });
    decoder.decode(new DataView(record.buffer), 0, record.length);
    expect(decoder.sample.callchain()).toEqual([
      { address: 1n, isKernel: true },
      { address: 2n, isKernel: true },
      { address: 3n, isKernel: false },
    ]);
  });

  it('refuses every record that is shorter or longer than its parts', () => {
    fc.assert(
      fc.property(contents, samples, fc.integer({ min: -40, max: 40 }), (content, sample, by) => {
        const record = encodeSample(content, sample);
        const size = Math.max(0, record.length + by);
        const bytes = new Uint8Array(record.length + 40);
        bytes.set(record);
        const decoder = createSampleDecoder(content, { registerCount: 20 });
        expect(decoder.decode(new DataView(bytes.buffer), 0, size)).toBe(size === record.length);
      }),
    );
  });

  it('never reads outside garbage, and never throws on it', () => {
    const garbage = fc.uint8Array({ minLength: 8, maxLength: 400 }).map((bytes) => bytes.slice(0, bytes.length & ~7)); // prettier-ignore
    fc.assert(
      fc.property(contents, garbage, (content, bytes) => {
        const decoder = createSampleDecoder(content);
        const { sample } = decoder;
        if (!decoder.decode(new DataView(bytes.buffer), 0, bytes.length)) return;
        sample.callchain();
        sample.raw();
        sample.userRegisters();
        sample.userStack();
        expect(sample.count.value >= 0n).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
