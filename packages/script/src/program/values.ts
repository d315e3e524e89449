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
 * Checks a value that is to be a field of an event. Numbers are cut down to what the field holds when
 * the event is thrown; of literals that is an error.
 *
 * @throws Refusal
 */
export function checkField(
  value: ScriptNode,
  { name, type }: { readonly name: string; readonly type: FieldType },
  span: Span,
): void {
  const wanted = type === 'bool' ? 'bool' : type === 'string' || type === 'stack' ? 'string' : 'number'; // prettier-ignore
  if (categoryOf(value) !== wanted) {
    const hint = wanted === 'string' ? 'write str(…) to make a string of it.' : `give it a ${wanted}.`; // prettier-ignore
    const message = `The field ${name} is ${type}, and this is ${typeWords[value.type]}.`;
    refuse('EE_SCRIPT_TYPE', message, hint, span);
  }
  const range = rangeOf(type);
  const literal = literalOf(value);
  if (range === undefined || literal === undefined) return;
  const isWhole = typeof literal === 'bigint' || Number.isInteger(literal);
  const [low, high] = range;
  if (isWhole && literal >= low && literal <= high) return;
  const message = `The field ${name} is ${type}, which does not hold ${literal}.`;
  const hint = isWhole ? `${type} holds ${low} to ${high}.` : 'give it a whole number.';
  refuse('EE_SCRIPT_TYPE', message, hint, span);
}

/** The number that a literal is, with its sign. */
function literalOf(value: ScriptNode): number | bigint | undefined {
  if (value.kind !== 'operation' || value.operation !== 'negate') return constantOf(value);
  const operand = value.operands[0] && constantOf(value.operands[0]);
  return operand === undefined ? undefined : -operand;
}
