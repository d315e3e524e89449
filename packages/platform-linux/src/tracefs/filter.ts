/**
 * Pure: predicates in the kernel's filter language, exactly or not at all. Its grammar and its
 * traps are in kernel/trace/trace_events_filter.c: constants are cut to the field's width without
 * a word, strings know no escapes, system-call arguments are compared as whole registers.
 */
import { ExtensionEventError } from '@extension-events/core';
import { kindOf } from './field-kind.ts';
import type { FieldKind } from './field-kind.ts';
import type { TracepointField, TracepointFormat } from './format.ts';

export type KernelOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | '&';

/** One comparison of a field with a constant; `&` asks whether any of the bits is set. */
export interface KernelConjunct {
  readonly field: string;
  readonly op: KernelOperator;
  readonly value: number | bigint | string | boolean;
}

/** Comparisons that the kernel makes, and those that are left to be made here. */
export interface SplitFilter {
  /** Empty when the kernel can make none of them. */
  readonly filter: string;
  readonly rest: readonly KernelConjunct[];
}

const operators = new Set<string>(['==', '!=', '<', '<=', '>', '>=', '&']);
// The text goes to the kernel as at most a page.
const longestFilter = 4000;

/** Can the kernel compare this field as its event field is compared here? */
export function isKernelFilterable(field: TracepointField): boolean {
  const { kind } = kindOf(field);
  return kind === 'integer' || (kind === 'string' && field.location !== 'relative');
}

/**
 * Writes a conjunction in the kernel's filter language, meaning exactly what the same comparisons mean here.
 *
 * @throws ExtensionEventError `EE_TRACEPOINT_FILTER` when one of them cannot be expressed
 */
export function kernelFilter(
  format: TracepointFormat,
  conjuncts: readonly KernelConjunct[],
): string {
  const { filter, rest } = splitKernelFilter(format, conjuncts);
  const [first] = rest;
  if (first === undefined) return filter;
  const text = `${first.field} ${first.op} ${typeof first.value === 'string' ? JSON.stringify(first.value) : String(first.value)}`; // prettier-ignore
  const known = format.fields.filter(isKernelFilterable).map(({ name }) => name);
  throw new ExtensionEventError(
    'EE_TRACEPOINT_FILTER',
    `The kernel cannot filter ${format.name} by ${text}.`,
    `It compares integers of the field's own width, and printable text by == and !=. Fields: ${known.join(', ')}.`,
  );
}

/** Takes from a conjunction what the kernel can decide exactly. Never throws. */
export function splitKernelFilter(
  format: TracepointFormat,
  conjuncts: readonly KernelConjunct[],
): SplitFilter {
  const terms: string[] = [];
  const rest: KernelConjunct[] = [];
  let length = 0;
  for (const conjunct of conjuncts) {
    const term = write(format, conjunct);
    if (term === undefined || length + term.length > longestFilter) rest.push(conjunct);
    else {
      terms.push(term);
      length += term.length + 4;
    }
  }
  return { filter: terms.join(' && '), rest };
}

function write(
  format: TracepointFormat,
  { field: name, op, value }: KernelConjunct,
): string | undefined {
  const field = format.fields.find((each) => each.name === name);
  if (field === undefined || !isKernelFilterable(field) || !operators.has(op)) return undefined;
  const kind = kindOf(field);
  if (kind.kind === 'string')
    return typeof value === 'string' ? writeText(field, op, value) : undefined;
  if (kind.kind !== 'integer') return undefined;
  const constant = toInteger(value, kind.isBool);
  if (constant === undefined || !fits(kind, constant)) return undefined;
  return kind.bytes === field.size
    ? `${name} ${op} ${constant}`
    : writeLowBits(name, op, constant, kind.bytes, field.size);
}

function toInteger(value: KernelConjunct['value'], isBool: boolean): bigint | undefined {
  if (typeof value === 'bigint') return isBool ? undefined : value;
  if (typeof value === 'boolean') return isBool ? BigInt(value) : undefined;
  return typeof value === 'number' && Number.isSafeInteger(value) && !isBool
    ? BigInt(value)
    : undefined;
}

type Integer = Extract<FieldKind, { kind: 'integer' }>;

// A constant beyond the width would be cut to it and match something else.
function fits({ bytes, isSigned }: Integer, constant: bigint): boolean {
  const bits = bytes * 8;
  return (isSigned ? BigInt.asIntN(bits, constant) : BigInt.asUintN(bits, constant)) === constant;
}

/**
 * A value in the low half of a register, of which the kernel compares the whole: what the upper half holds
 * is the program's chance (the calling convention leaves it open). Each bit is asked for.
 */
function writeLowBits(
  name: string,
  op: KernelOperator,
  constant: bigint,
  bytes: number,
  size: number,
): string | undefined {
  const low = BigInt.asUintN(bytes * 8, constant);
  if (op === '&') return size > bytes ? `${name} & ${low}` : undefined;
  if (op !== '==' && op !== '!=') return undefined;
  const set: string[] = [];
  for (let bit = 0n; bit < bytes * 8; bit++) {
    if (((low >> bit) & 1n) === 1n) set.push(`${name} & ${1n << bit}`);
  }
  const clear = BigInt.asUintN(bytes * 8, ~low);
  const terms = clear === 0n ? set : [...set, `!(${name} & ${clear})`];
  const equal = terms.join(' && ');
  return op === '==' ? `(${equal})` : `!(${equal})`;
}

// Text in quotes that it does not hold, since there are no escapes; shorter than the field, whose
// comparison ends with its length. What is not ASCII may be decoded here otherwise than it lies there.
function writeText(field: TracepointField, op: KernelOperator, value: string): string | undefined {
  if (op !== '==' && op !== '!=') return undefined;
  if (!/^[ -~]{1,200}$/.test(value)) return undefined;
  if (field.location === undefined && value.length >= field.size) return undefined;
  const quote = ['"', "'"].find((each) => !value.includes(each));
  return quote === undefined ? undefined : `${field.name} ${op} ${quote}${value}${quote}`;
}
