/** The generated codec, its plain stand-in and the decoder must agree on every payload. */
// oxlint-disable unicorn/consistent-function-scoping -- small throwers stand beside their use
// oxlint-disable vitest/no-conditional-expect -- what is expected depends on the generated case
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCodec, type PayloadCodec } from './codec.ts';
import { createPayloadReader } from './decode.ts';
import { layOutFields } from './layout.ts';
import { createPlainCodec } from './plain-codec.ts';
import { createRingBuffer, recordHeaderBytes, RingData } from './ring.ts';
import type { AnyPayload, EventTypeDescriptor, Fields, FieldType, FieldValue } from './types.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.string({ minLength: 40, maxLength: 60 }),
  fc.constantFrom('', 'x'.repeat(47), 'x'.repeat(48), '\uD800', 'a\uDC00b', '€'.repeat(50)),
);
const values: Readonly<Record<FieldType, fc.Arbitrary<FieldValue>>> = {
  bool: fc.boolean(),
  u8: fc.integer({ min: 0, max: 255 }),
  u16: fc.integer({ min: 0, max: 65_535 }),
  u32: fc.integer({ min: 0, max: 0xff_ff_ff_ff }),
  u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  i8: fc.integer({ min: -128, max: 127 }),
  i16: fc.integer({ min: -32_768, max: 32_767 }),
  i32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  i64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  f32: fc.float(),
  f64: fc.double(),
  string: text,
  stack: text,
  bytes: fc.uint8Array({ maxLength: 80 }),
};
const types = Object.keys(values) as FieldType[];

interface Sample {
  readonly fields: Fields;
  readonly payload: AnyPayload;
}

const field = fc.record({
  type: fc.constantFrom(...types),
  optional: fc.boolean(),
  isPresent: fc.boolean(),
});
const samples: fc.Arbitrary<Sample> = fc
  .dictionary(fc.stringMatching(/^[A-Za-z_]\w{0,8}$/), field, {
    maxKeys: 32,
    noNullPrototype: true,
  })
  .filter((table) => Object.keys(table).every((key) => !(key in {})))
  .chain((table) => {
    const entries = Object.entries(table);
    const fields = Object.fromEntries(entries.map(([name, { type, optional }]) => [name, { type, optional }])); // prettier-ignore
    const present = entries.filter(([, { optional, isPresent }]) => !optional || isPresent);
    const payload = fc.record(Object.fromEntries(present.map(([name, { type }]) => [name, values[type]]))); // prettier-ignore
    return payload.map((made) => ({ fields, payload: { ...made } }));
  });

const data = new RingData(createRingBuffer(65_536));
const at = 1024;

function roundTrip(codec: PayloadCodec, { fields, payload }: Sample, method: 'write' | 'writeAtOnce' = 'write'): AnyPayload {
  const bytes = codec.measure(payload);
  const body = at + recordHeaderBytes;
  const end = codec[method](payload, data, body, body + bytes);
  expect(end).toBeLessThanOrEqual(body + bytes);
  data.u32[at >> 2] = end - at;
  data.u8[at + 7] = 0;
  const descriptor: EventTypeDescriptor = { name: 'x', kind: 'filtered', description: '', fields };
  return createPayloadReader(descriptor)(new DataView(data.u8.buffer, data.u8.byteOffset), at);
} // prettier-ignore

function asWritten(payload: AnyPayload, fields: Fields): AnyPayload {
  const wellFormed = (value: string): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(value)); // prettier-ignore
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]) => {
      if (typeof value === 'string') return [name, wellFormed(value)];
      // There is no -0 in an integer.
      if (value === 0 && !fields[name]?.type.startsWith('f')) return [name, 0];
      return [name, value];
    }),
  );
}

describe.each([
  ['generated', createCodec],
  ['plain', createPlainCodec],
])('the %s codec', (_name, create) => {
  it('writes what the decoder reads', () => {
    fc.assert(
      fc.property(samples, (sample) => {
        const codec = create(layOutFields('x', sample.fields));
        expect(roundTrip(codec, sample)).toEqual(asWritten(sample.payload, sample.fields));
        expect(codec.explain(sample.payload)).toBeUndefined();
      }),
    );
  });

  it('writes the same in one look, and nothing that counts of what does not fit', () => {
    fc.assert(
      fc.property(samples, fc.nat(200), (sample, missing) => {
        const codec = create(layOutFields('x', sample.fields));
        const { payload } = sample;
        expect(roundTrip(codec, sample, 'writeAtOnce')).toEqual(asWritten(payload, sample.fields));
        const body = at + recordHeaderBytes;
        expect(codec.writeAtOnce({ ...payload, '?': 1 }, data, body, body + 4096)).toBe(-1);
        const limit = body + Math.max(0, codec.measure(payload) - missing);
        data.u8.fill(0xaa, limit);
        attempt(() => codec.writeAtOnce(payload, data, body, limit));
        expect(data.u8.subarray(limit, limit + 300).every((byte) => byte === 0xaa)).toBe(true);
      }),
    );
  });

  it('copies a payload, and shares nothing with it', () => {
    fc.assert(
      fc.property(samples, ({ fields, payload }) => {
        const copy = create(layOutFields('x', fields)).snapshot(payload);
        expect(copy).toEqual(payload);
        for (const [name, value] of Object.entries(payload)) {
          if (value instanceof Uint8Array) expect((copy[name] as Uint8Array).buffer).not.toBe(value.buffer); // prettier-ignore
        }
      }),
    );
  });

  it('never writes beyond the limit it is given', () => {
    fc.assert(
      fc.property(samples, fc.nat(200), (sample, missing) => {
        const codec = create(layOutFields('x', sample.fields));
        const body = at + recordHeaderBytes;
        const { fixedBytes } = layOutFields('x', sample.fields);
        const limit = body + Math.max(fixedBytes, codec.measure(sample.payload) - missing);
        data.u8.fill(0xaa, limit);
        try {
          codec.write(sample.payload, data, body, limit);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
        expect(data.u8.subarray(limit, limit + 300).every((byte) => byte === 0xaa)).toBe(true);
      }),
    );
  });
});

it('both codecs judge wrong payloads alike', () => {
  const anything = fc.oneof(...Object.values(values), fc.anything());
  fc.assert(
    fc.property(
      samples,
      fc.string({ maxLength: 9 }),
      anything,
      ({ fields, payload }, name, value) => {
        const layout = layOutFields('x', fields);
        const key = Object.keys(fields)[name.length] ?? name;
        const bad = { ...payload, [key]: value } as AnyPayload;
        const measured = attempt(() => createCodec(layout).measure(bad));
        expect(measured).toBe(attempt(() => createPlainCodec(layout).measure(bad)));
        if (measured === -1) expect(createCodec(layout).explain(bad)).toEqual(expect.any(String));
      },
    ),
  );
});

function attempt(measure: () => number): number {
  try {
    return measure();
  } catch {
    return -1;
  }
}

it('says in words what is wrong', () => {
  const codec = createCodec(layOutFields('x', { n: { type: 'u8' }, t: { type: 'string' } }));
  const explain = (payload: unknown): string | undefined => codec.explain(payload as AnyPayload);
  expect(explain(null)).toBe('the payload is null, not an object');
  expect(explain({ n: 256, t: '' })).toBe('field n takes u8, not number 256');
  expect(explain({ n: 1 })).toBe('field t takes string, not undefined');
  expect(explain({ n: 1, t: null })).toBe('field t takes string, not null');
  expect(explain({ n: 1, t: '', x: 1 })).toBe('there is no field x');
});
