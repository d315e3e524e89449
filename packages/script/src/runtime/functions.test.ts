import type { FieldType } from '@extension-events/core';
import { expect, it } from 'vitest';
import type { RuntimeFunction } from '../program/functions.ts';
import { fitter, readPayload, tellPayload } from './fit.ts';
import { runtimeFunctions } from './functions.ts';

const where = {
  textLimit: 20,
  wallMs: () => new Date(2026, 1, 3, 4, 5, 6, 7).getTime(),
  failText: () => {
    throw new RangeError('too long');
  },
};
const context = { pid: 1, tid: 1, threadId: 0, threadName: 'main', timestampNs: 2_500_000, eventName: 'e' }; // prettier-ignore

function call(name: RuntimeFunction, ...operands: readonly unknown[]): unknown {
  return runtimeFunctions[name](where, context, ...(operands as never[]));
}

it.each([
  ['str', [1.5], '1.5'],
  ['str', [2n ** 64n], '18446744073709551616'],
  ['str', [true], 'true'],
  ['int', ['42'], 42],
  ['int', ['0x1f'], 31],
  ['int', [' 7.9 '], 7],
  ['int', ['-7.9'], -7],
  ['int', ['12 ms'], 0],
  ['int', [''], 0],
  ['int', [Number.NaN], 0],
  ['int', [-0.5], 0],
  ['replace', ['a.b.c', '.', '::'], 'a::b::c'],
  ['replace', ['abc', '', 'x'], 'abc'],
  ['replace', ['aaa', 'a', ''], ''],
  ['index_of', ['abc', 'c'], 2],
  ['index_of', ['abc', 'x'], -1],
  ['trim', ['  a b\n'], 'a b'],
  ['ceil', [1.2], 2],
  ['round', [1.5], 2],
  ['sqrt', [9n], 3],
  ['log2', [8], 3],
  ['pow', [2, 10n], 1024],
  ['timestamp_ms', [], 2.5],
  ['time', ['%Y-%m-%d %H:%M:%S.%L %%'], '2026-02-03 04:05:06.007 %'],
] as const)('%s of %o is %s', (name, operands, expected) => {
  expect(call(name, ...operands)).toBe(expected);
});

it('knows before it builds a text that it will be too long', () => {
  expect(() => call('replace', 'aaaa', 'a', 'x'.repeat(20))).toThrow('too long');
});

it.each<[FieldType, number | bigint, number | bigint]>([
  ['u8', 255.9, 255],
  ['u8', 256, 255],
  ['u8', -1, 0],
  ['i8', -128.9, -128],
  ['i8', -129, -128],
  ['u32', Number.NaN, 0],
  ['u32', Number.POSITIVE_INFINITY, 4_294_967_295],
  ['i32', -0.5, 0],
  ['u64', -1n, 0n],
  ['u64', 2n ** 64n, 2n ** 64n - 1n],
  ['u64', 1e300, 2n ** 64n - 1n],
  ['u64', Number.NaN, 0n],
  ['i64', -1e300, -(2n ** 63n)],
  ['f64', 7n, 7],
])('a field of type %s holds %s as %s', (type, value, expected) => {
  expect(fitter(type)(value)).toBe(expected);
});

it('keeps a payload as it is over JSON', () => {
  const fields = {
    big: { type: 'u64' },
    none: { type: 'f64' },
    text: { type: 'string' },
    n: { type: 'u8' },
    ok: { type: 'bool' },
  } as const;
  const payload = { big: 2n ** 64n - 1n, none: Number.NaN, text: '7', n: 7, ok: true };
  expect(readPayload(JSON.parse(JSON.stringify(tellPayload(payload))) as never, fields)).toEqual(payload); // prettier-ignore
  expect(readPayload({ big: 'no number', stranger: 1 }, fields)).toEqual({ big: 0n });
});
