// oxlint-disable vitest/no-conditional-expect -- what is expected depends on the generated case
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  createFieldReader,
  createPayloadReader,
  createRecordCheck,
  createStackReader,
  recordAt,
  walkRecords,
} from './decode.ts';
import { createRingBuffer, recordKind } from './ring.ts';
import { RingReader } from './ring-reader.ts';
import { Registry } from './registry.ts';
import type { AnyPayload, EventTypeDescriptor, Fields } from './types.ts';

const fields = {
  n: { type: 'u32' },
  big: { type: 'u64', optional: true },
  text: { type: 'string' },
  body: { type: 'bytes', optional: true },
} as const;
const descriptor: EventTypeDescriptor = { name: 'tick', kind: 'filtered', description: '', fields };
const readPayload = createPayloadReader(descriptor);
const readStack = createStackReader(descriptor);
const decode = (view: DataView, at: number) => ({ payload: readPayload(view, at), stack: readStack(view, at) }); // prettier-ignore

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

/** Posts payloads and reads them back, each twice. */
function readBack(of: Fields, payloads: readonly AnyPayload[]): AnyPayload[] {
  const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
  const buffer = createRingBuffer(2 ** 20);
  registry.setRing(buffer);
  const type = registry.registerEventType({ name: 'mix', description: '', fields: of });
  registry.tap({ mode: 'record', pattern: 'mix', slot: 0 });
  for (const payload of payloads) type.post(payload as never);
  const read = createPayloadReader(type.descriptor);
  const found: AnyPayload[] = [];
  new RingReader(buffer).read((run) => {
    for (let i = 0; i < 2; i++) {
      walkRecords(run, (view, at) => {
        if (recordAt(view, at).kind === recordKind.event) found.push(read(view, at));
      });
    }
  });
  return found;
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

it('reads every set of optional fields, those that it has made no function for as well', () => {
  const mix: Fields = {
    id: { type: 'u32' },
    flag: { type: 'bool', optional: true },
    small: { type: 'i8', optional: true },
    port: { type: 'u16', optional: true },
    ratio: { type: 'f64', optional: true },
    big: { type: 'i64', optional: true },
    text: { type: 'string', optional: true },
    body: { type: 'bytes', optional: true },
  };
  const all: AnyPayload = { flag: true, small: -3, port: 8080, ratio: 0.5, big: -7n, text: 'é', body: Uint8Array.of(1) }; // prettier-ignore
  const payloads = Array.from({ length: 2 ** 7 }, (_, set) => ({
    id: set,
    ...Object.fromEntries(Object.entries(all).filter((__, bit) => (set & (1 << bit)) !== 0)),
  }));
  const found = readBack(mix, payloads);
  expect(found).toEqual([...payloads, ...payloads]);
  expect(found.map((payload) => Object.keys(payload))).toEqual([...payloads, ...payloads].map((payload) => Object.keys(payload))); // prettier-ignore
});

it('tells texts apart that are as long as the last one', () => {
  const texts = ['', 'aaaa', 'aaab', 'aaaa', 'baaa', 'éé', 'èè', 'a'.repeat(64), 'a'.repeat(65), 'b'.repeat(65), '', 'aaaa']; // prettier-ignore
  const found = readBack(
    { text: { type: 'string' } },
    texts.map((text) => ({ text })),
  );
  expect(found.map(({ text }) => text)).toEqual([...texts, ...texts]);
});

it('reads single fields and the stack as the whole decoder does', () => {
  const readers = Object.keys(fields).map((name) => [name, createFieldReader(descriptor, name)] as const); // prettier-ignore
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
