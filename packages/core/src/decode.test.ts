// oxlint-disable vitest/no-conditional-expect -- what is expected depends on the generated case
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  createDecoder,
  createFieldReader,
  createRecordCheck,
  createStackReader,
  recordAt,
  walkRecords,
} from './decode.ts';
import { createRingBuffer, recordKind } from './ring.ts';
import { RingReader } from './ring-reader.ts';
import { Registry } from './registry.ts';
import type { EventTypeDescriptor } from './types.ts';

const fields = {
  n: { type: 'u32' },
  big: { type: 'u64', optional: true },
  text: { type: 'string' },
  body: { type: 'bytes', optional: true },
} as const;
const descriptor: EventTypeDescriptor = { name: 'tick', kind: 'filtered', description: '', fields };
const decode = createDecoder(descriptor);

/** The bytes of a few real records. */
function record(): Uint8Array {
  const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
  const buffer = createRingBuffer(65_536);
  registry.setRing(buffer);
  const type = registry.registerEventType({ name: 'tick', description: '', fields });
  registry.tap({ mode: 'record', pattern: 'tick', slot: 0, stack: 4 });
  type.post({ n: 1, text: 'one' });
  type.post({ n: 2, text: 'zwei €', big: 2n, body: Uint8Array.of(1, 2, 3) });
  type.post({ n: -3, text: 'lost' });
  type.post({ n: 4, text: '' });
  const runs: Uint8Array[] = [];
  new RingReader(buffer).read((run) => runs.push(Uint8Array.from(run)));
  return Uint8Array.from(runs.flatMap((run) => [...run]));
}

/** Decodes as a consumer would; hands back how far it came, or the error. */
function readAll(bytes: Uint8Array): unknown {
  try {
    return walkRecords(bytes, (view, at) => {
      if (recordAt(view, at).kind === recordKind.event) decode(view, at);
    });
  } catch (error) {
    return error;
  }
}

const whole = record();

it('walks whole records to their end', () => {
  const payloads: unknown[] = [];
  const end = walkRecords(whole, (view, at) => {
    const header = recordAt(view, at);
    expect(header.bytes % 8).toBe(0);
    if (header.kind === recordKind.event) payloads.push(decode(view, at).payload);
  });
  expect(end).toBe(whole.length);
  expect(payloads).toEqual([
    { n: 1, text: 'one' },
    { n: 2, text: 'zwei €', big: 2n, body: Uint8Array.of(1, 2, 3) },
    { n: 4, text: '' },
  ]);
});

it('stops before a record that is cut off, at every byte', () => {
  for (let length = 0; length < whole.length; length++) {
    const end = readAll(whole.slice(0, length));
    expect(end).toBeTypeOf('number');
    expect(end).toBeLessThanOrEqual(length);
  }
});

// oxlint-disable-next-line vitest/expect-expect -- inside the property
it('meets garbage with a RangeError at worst', () => {
  const garbage = fc.uint8Array({ maxLength: 400 });
  const damaged = fc
    .tuple(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length - 1), fc.nat(255))
    .map(([a, x, b, y]) => whole.map((byte, i) => (i === a ? x : i === b ? y : byte)));
  fc.assert(
    fc.property(fc.oneof(garbage, damaged), (bytes) => {
      const result = readAll(bytes);
      if (typeof result !== 'number') expect(result).toBeInstanceOf(RangeError);
    }),
    { numRuns: 1000 },
  );
});

it('reads single fields and the stack as the whole decoder does', () => {
  const readers = Object.keys(fields).map((name) => [name, createFieldReader(descriptor, name)] as const); // prettier-ignore
  const readStack = createStackReader(descriptor);
  let events = 0;
  walkRecords(whole, (view, at) => {
    if (recordAt(view, at).kind !== recordKind.event) return;
    const { payload, stack } = decode(view, at);
    events++;
    for (const [name, read] of readers) expect(read?.(view, at)).toEqual(payload[name]);
    expect(readStack(view, at)).toBe(stack);
    expect(stack).toContain('decode.test.ts');
  });
  expect(events).toBe(3);
  expect(createFieldReader(descriptor, 'other')).toBeUndefined();
});

// oxlint-disable-next-line vitest/expect-expect -- inside the property
it('passes no record that a decoder would refuse', () => {
  const check = createRecordCheck(descriptor);
  const damaged = fc
    .tuple(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length - 1), fc.nat(255))
    .map(([a, x, b, y]) => whole.map((byte, i) => (i === a ? x : i === b ? y : byte)));
  fc.assert(
    fc.property(damaged, (bytes) => {
      walkRecords(bytes, (view, at) => {
        if (recordAt(view, at).kind === recordKind.event && check(view, at)) decode(view, at);
      });
    }),
    { numRuns: 1000 },
  );
  walkRecords(whole, (view, at) => {
    if (recordAt(view, at).kind === recordKind.event) expect(check(view, at)).toBe(true);
  });
});
