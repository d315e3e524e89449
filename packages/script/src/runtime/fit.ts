/** Values on their way into the fields of a thrown event: cut down to what the field's type holds. */
import type { AnyPayload, Fields, FieldType, FieldValue } from '@extension-events/core';
import { payloadTests } from './payload.ts';

const ranges: Readonly<Partial<Record<FieldType, readonly [low: number, high: number]>>> = {
  u8: [0, 255],
  u16: [0, 65_535],
  u32: [0, 4_294_967_295],
  i8: [-128, 127],
  i16: [-32_768, 32_767],
  i32: [-2_147_483_648, 2_147_483_647],
};
const bigRanges: Readonly<Partial<Record<FieldType, readonly [low: bigint, high: bigint]>>> = {
  u64: [0n, 2n ** 64n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
};

type Fitted = number | bigint | string | boolean;

const { trunc } = Math;

/** Makes the step for one field type. */
export function fitter(type: FieldType): (value: Fitted) => Fitted {
  const range = ranges[type];
  if (range !== undefined) {
    const [low, high] = range;
    return (value) => {
      const x = trunc(Number(value));
      if (x >= low && x <= high) return x + 0;
      return x > high ? high : x < low ? low : 0;
    };
  }
  const bigRange = bigRanges[type];
  if (bigRange !== undefined) {
    const [low, high] = bigRange;
    return (value) => {
      const x = typeof value === 'bigint' ? value : toBig(Number(value), low, high);
      return x < low ? low : x > high ? high : x;
    };
  }
  return type === 'f32' || type === 'f64' ? Number : (value) => value;
}

function toBig(x: number, low: bigint, high: bigint): bigint {
  if (x - x === 0) return BigInt(trunc(x));
  return x > 0 ? high : x < 0 ? low : 0n;
}

/** Values of a thrown event on their way to a thread: JSON has neither bigints nor NaN. */
export function tellPayload(payload: AnyPayload): Readonly<Record<string, FieldValue>> {
  const told: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(payload)) {
    if (value === undefined) continue;
    const isPlain =
      typeof value !== 'bigint' && (typeof value !== 'number' || Number.isFinite(value));
    payloadTests.put(told, name, isPlain ? value : String(value));
  }
  return told;
}

/** What came of them, as the fields have it. */
export function readPayload(payload: AnyPayload, fields: Fields): AnyPayload {
  const read = {};
  for (const [name, { type }] of Object.entries(fields)) {
    const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
    if (value === undefined) continue;
    const isText = type === 'string' || type === 'stack' || typeof value !== 'string';
    payloadTests.put(read, name, isText ? value : type === 'u64' || type === 'i64' ? toBigInt(value) : Number(value)); // prettier-ignore
  }
  return read;
}

function toBigInt(text: string): bigint {
  return /^-?\d{1,20}$/.test(text) ? BigInt(text) : 0n;
}
