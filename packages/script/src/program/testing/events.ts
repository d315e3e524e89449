/** Event types that generated programs are about, and payloads of them. */
import { compilePattern } from '@extension-events/core';
import type { AnyPayload, EventTypeDescriptor, FieldType } from '@extension-events/core';
import * as fc from 'fast-check';
import type { Catalogue } from '../points.ts';

/** Has a field of each type, optional ones too. */
export const sampleDescriptor: EventTypeDescriptor = {
  name: 'sample.posted',
  kind: 'filtered',
  description: 'A sample.',
  fields: {
    len: { type: 'u32' },
    flags: { type: 'u32' },
    delta: { type: 'i16' },
    total: { type: 'u64' },
    share: { type: 'f64' },
    peer: { type: 'string' },
    ok: { type: 'bool' },
    body: { type: 'bytes' },
    trace: { type: 'stack' },
    code: { type: 'i32', optional: true },
    note: { type: 'string', optional: true },
    retried: { type: 'bool', optional: true },
    offset: { type: 'i64', optional: true },
  },
};

export const requestedDescriptor: EventTypeDescriptor = {
  name: 'sample.requested',
  kind: 'requested',
  description: 'A sample that is asked for.',
  fields: { len: { type: 'u32' }, peer: { type: 'string' } },
  request: {
    counter: { type: 'string', default: 'task-clock' },
    period: { type: 'f64', optional: true, min: 1 },
  },
};

/** A catalogue of some event types. */
export function catalogueOf(descriptors: readonly EventTypeDescriptor[]): Catalogue {
  return {
    find: (pattern) => {
      const matches = compilePattern(pattern);
      return descriptors.filter(({ name }) => matches(name));
    },
    names: () => descriptors.map(({ name }) => name),
  };
}

export const testCatalogue: Catalogue = catalogueOf([sampleDescriptor, requestedDescriptor]);

const texts = fc.oneof(
  fc.constantFrom('', 'a', '10.0.0.7:443', 'GET /x', '42', '-7.5', 'constructor', '__proto__', 'é\u{1f600}'),
  fc.string({ maxLength: 12 }),
); // prettier-ignore

const values: Readonly<Record<FieldType, fc.Arbitrary<boolean | number | bigint | string | Uint8Array>>> = {
  bool: fc.boolean(),
  u8: fc.nat(255),
  u16: fc.nat(65_535),
  u32: fc.oneof(fc.nat(20), fc.integer({ min: 0, max: 0xffff_ffff })),
  u64: fc.oneof(fc.bigInt(0n, 20n), fc.bigInt(0n, 2n ** 64n - 1n)),
  i8: fc.integer({ min: -128, max: 127 }),
  i16: fc.integer({ min: -32_768, max: 32_767 }),
  i32: fc.oneof(fc.integer({ min: -5, max: 5 }), fc.integer()),
  i64: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  f32: fc.float(),
  f64: fc.oneof(fc.constantFrom(0, -0, 0.5, 1, Number.NaN, Infinity), fc.double()),
  string: texts,
  stack: texts,
  bytes: fc.uint8Array({ maxLength: 8 }),
}; // prettier-ignore

/** Payloads that satisfy a descriptor; optional fields are there or not. */
export function payloadsOf({ fields }: EventTypeDescriptor): fc.Arbitrary<AnyPayload> {
  const entries = Object.entries(fields).map(([name, { type }]) => [name, values[type]] as const);
  const requiredKeys = Object.keys(fields).filter((name) => fields[name]?.optional !== true);
  return fc.record(Object.fromEntries(entries), { requiredKeys });
}
