/**
 * Reading a payload, which is the program's own object: its getters may answer something else than
 * they did when core checked them a moment ago, and may throw. A body reads each field once, tests
 * it, and works with what it has read; one that does not fit makes the event no match.
 */
import type { FieldType } from '@extension-events/core';
import { literal, readField } from '../expression/codegen.ts';
import { helpers } from '../expression/helpers.ts';
import { payloadStringLength } from './budget.ts';

// A subclass may answer anything for `length`, also an object of the program.
// oxlint-disable-next-line typescript/unbound-method -- called with a receiver below
const lengthGetter = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  'length',
)?.get as (this: Uint8Array) => number;
const { apply } = Reflect;
const { defineProperty } = Object;
// oxlint-disable-next-line typescript/unbound-method -- they use no receiver
const { asIntN, asUintN } = BigInt;

/** @throws TypeError when it is none */
export function byteLengthOf(bytes: Uint8Array): number {
  return apply<Uint8Array, [], number>(lengthGetter, bytes, []);
}

/** Tests of what was read, with `$` for the variable. */
const tests: Readonly<Record<FieldType, string>> = {
  bool: `typeof $ === 'boolean'`,
  u8: `typeof $ === 'number'`,
  u16: `typeof $ === 'number'`,
  u32: `typeof $ === 'number'`,
  i8: `typeof $ === 'number'`,
  i16: `typeof $ === 'number'`,
  i32: `typeof $ === 'number'`,
  f32: `typeof $ === 'number'`,
  f64: `typeof $ === 'number'`,
  u64: `b.isUnsigned($)`,
  i64: `b.isSigned($)`,
  string: `typeof $ === 'string'`,
  stack: `typeof $ === 'string'`,
  bytes: `b.isBytes($)`,
};

/** What the tests call; generated code knows it as `b`. */
export const payloadTests = {
  isUnsigned: (value: unknown): boolean =>
    typeof value === 'bigint' && asUintN(64, value) === value,
  isSigned: (value: unknown): boolean => typeof value === 'bigint' && asIntN(64, value) === value,
  isBytes: (value: unknown): boolean =>
    typeof value === 'object' && value !== null && byteLengthOf(value as Uint8Array) >= 0,
  /** A field of a payload of ours, also one called `__proto__`. */
  put: (payload: object, name: string, value: unknown): void => {
    defineProperty(payload, name, { value, enumerable: true, writable: true, configurable: true });
  },
};

export interface FieldToRead {
  readonly name: string;
  readonly type: FieldType;
  readonly isOptional: boolean;
}

/** Statements that read a field into a variable, and leave the body when it does not fit. */
export function emitRead({ name, type, isOptional }: FieldToRead, variable: string): string {
  const test = tests[type].replaceAll('$', variable);
  const refuse = isOptional ? `${variable} !== undefined && !(${test})` : `!(${test})`;
  const lines = [`${variable} = ${readField(name)};`, `if (${refuse}) return false;`];
  const isPresent = isOptional ? `${variable} !== undefined && ` : '';
  if (type === 'string') {
    lines.push(`if (${isPresent}${variable}.length > ${literal(payloadStringLength)}) ${variable} = r.cut(${variable});`); // prettier-ignore
  } else if (type === 'stack') {
    lines.push(`if (${isPresent}${variable}.length > r.textLimit) ${variable} = r.cutStack(${variable});`); // prettier-ignore
  }
  return lines.join(' ');
}

/** The same for where code must not be generated; `null`: it does not fit. */
export function readPayload(
  payload: Readonly<Record<string, unknown>>,
  { name, type, isOptional }: FieldToRead,
  textLimit: number,
): unknown {
  const value = name in Object.prototype ? helpers.own(payload, name) : payload[name];
  if (value === undefined && isOptional) return undefined;
  if (!fits(type, value)) return null;
  if (typeof value !== 'string') return value;
  return value.slice(0, type === 'string' ? payloadStringLength : textLimit);
}

function fits(type: FieldType, value: unknown): boolean {
  switch (type) {
    case 'bool':
      return typeof value === 'boolean';
    case 'string':
    case 'stack':
      return typeof value === 'string';
    case 'bytes':
      return payloadTests.isBytes(value);
    case 'u64':
      return payloadTests.isUnsigned(value);
    case 'i64':
      return payloadTests.isSigned(value);
    case 'u8':
    case 'u16':
    case 'u32':
    case 'i8':
    case 'i16':
    case 'i32':
    case 'f32':
    case 'f64':
    default:
      return typeof value === 'number';
  }
}
