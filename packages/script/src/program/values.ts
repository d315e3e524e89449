/** Brings values to where they are stored: doubles in globals and locals, exact types in events. */
import type { FieldType } from '@extension-events/core';
import type { Span } from '../expression/excerpt.ts';
import { typeWords } from '../expression/complaints.ts';
import { constantOf, convert, isNumber } from '../expression/numbers.ts';
import type { ScriptNode, ScriptOnlyNode, StoredType } from './checked.ts';
import { refuse } from './problems.ts';

/** The category of a value; bytes have none. */
export function categoryOf({ type }: Pick<ScriptNode, 'type'>): StoredType | undefined {
  if (type === 'bytes') return undefined;
  return type === 'string' || type === 'bool' ? type : 'number';
}

/** A value as a global, a local or a key holds it. */
export function store(value: ScriptNode): ScriptNode {
  return isNumber<ScriptOnlyNode>(value) ? convert<ScriptOnlyNode>(value, 'float') : value;
}

const integerRanges: Readonly<Record<string, readonly [low: bigint, high: bigint]>> = {
  u8: [0n, 0xffn],
  u16: [0n, 0xffffn],
  u32: [0n, 0xffff_ffffn],
  u64: [0n, 0xffff_ffff_ffff_ffffn],
  i8: [-0x80n, 0x7fn],
  i16: [-0x8000n, 0x7fffn],
  i32: [-0x8000_0000n, 0x7fff_ffffn],
  i64: [-0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn],
};

/** Smallest and largest value of an integer type; undefined for the others. */
export function rangeOf(type: FieldType | undefined): readonly [bigint, bigint] | undefined {
  return type === undefined ? undefined : integerRanges[type];
}

/** Does every value of one integer type fit another? */
export function isWithin(inner: FieldType | undefined, outer: FieldType): boolean {
  const [a, b] = [rangeOf(inner), rangeOf(outer)];
  return a !== undefined && b !== undefined && a[0] >= b[0] && a[1] <= b[1];
}

/**
 * A value as a field of an event holds it. What an integer field may not hold is rounded down and
 * then brought to the nearest value that it may.
 *
 * @param source - the type of the field that the value is, when it is one
 */
export function fit(
  value: ScriptNode,
  field: { readonly name: string; readonly type: FieldType },
  source: FieldType | undefined,
  span: Span,
): ScriptNode {
  const { name, type } = field;
  const wanted = type === 'bool' ? 'bool' : type === 'string' || type === 'stack' ? 'string' : 'number'; // prettier-ignore
  if (categoryOf(value) !== wanted) {
    const hint = wanted === 'string' ? 'write str(…) to make a string of it.' : `give it a ${wanted}.`; // prettier-ignore
    const message = `The field ${name} is ${type}, and this is ${typeWords[value.type]}.`;
    refuse('EE_SCRIPT_TYPE', message, hint, span);
  }
  if (!isNumber<ScriptOnlyNode>(value)) return value;
  const range = rangeOf(type);
  if (range === undefined) return convert<ScriptOnlyNode>(value, 'float');
  const constant = constantOf(value);
  if (constant !== undefined) return fitConstant(constant, type, range, name, span);
  const isBig = type === 'u64' || type === 'i64';
  if (isWithin(source, type)) {
    return isBig ? convert<ScriptOnlyNode>(value, 'big') : convert<ScriptOnlyNode>(value, 'int');
  }
  return {
    kind: 'function',
    name: `fit_${type}`,
    type: isBig ? 'big' : 'int',
    isOptional: value.isOptional,
    operands: [value],
  };
}

function fitConstant(
  value: number | bigint,
  type: FieldType,
  [low, high]: readonly [bigint, bigint],
  name: string,
  span: Span,
): ScriptNode {
  const isWhole = typeof value === 'bigint' || Number.isInteger(value);
  if (!isWhole || value < low || value > high) {
    const message = `The field ${name} is ${type}, which does not hold ${value}.`;
    const hint = isWhole ? `${type} holds ${low} to ${high}.` : 'give it a whole number.';
    refuse('EE_SCRIPT_TYPE', message, hint, span);
  }
  const isBig = type === 'u64' || type === 'i64';
  return isBig
    ? { kind: 'constant', type: 'big', isOptional: false, value: BigInt(value) }
    : { kind: 'constant', type: 'int', isOptional: false, value: Number(value) };
}
