import type { RuntimeValue } from './checked.ts';
import { helpers as h } from './helpers.ts';

export type OperationName =
  | 'toBig'
  | 'toFloat'
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'remainder'
  | 'remainderBig'
  | 'negate'
  | 'and'
  | 'or'
  | 'xor'
  | 'invert'
  | 'shiftLeft'
  | 'shiftRight'
  | 'andBig'
  | 'orBig'
  | 'xorBig'
  | 'invertBig'
  | 'shiftLeftBig'
  | 'shiftRightBig'
  | 'equal'
  | 'notEqual'
  | 'equalMixed'
  | 'notEqualMixed'
  | 'less'
  | 'lessOrEqual'
  | 'greater'
  | 'greaterOrEqual'
  | 'isTrue'
  | 'length'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | 'lower'
  | 'upper'
  | 'substringFrom'
  | 'substring'
  | 'abs'
  | 'absBig'
  | 'min'
  | 'minBig'
  | 'max'
  | 'maxBig'
  | 'floor';

interface Operation {
  /** JavaScript with `$0 $1 $2` for the operands: the only code that generated functions hold. */
  readonly template: string;
  /** The same as a function, for where code must not be generated. */
  readonly run: (...operands: never[]) => RuntimeValue;
}

/**
 * Every operation, its template beside its function. `add` … `notEqual` serve several types: the
 * checker has brought both operands to one, and comparisons of int, float and big are exact in JS.
 */
export const operations: Readonly<Record<OperationName, Operation>> = {
  toBig: { template: 'h.toBig($0)', run: h.toBig },
  toFloat: { template: 'h.toFloat($0)', run: (x: bigint) => h.toFloat(x) },

  add: { template: '($0 + $1)', run: (a: number, b: number) => a + b },
  subtract: { template: '($0 - $1)', run: (a: number, b: number) => a - b },
  multiply: { template: '($0 * $1)', run: (a: number, b: number) => a * b },
  divide: { template: '($0 / $1)', run: (a: number, b: number) => a / b },
  remainder: { template: '($0 % $1)', run: (a: number, b: number) => a % b },
  remainderBig: { template: 'h.remainderBig($0, $1)', run: h.remainderBig },
  negate: { template: '(-$0)', run: (x: number) => -x },

  and: { template: 'h.and($0, $1)', run: h.and },
  or: { template: 'h.or($0, $1)', run: h.or },
  xor: { template: 'h.xor($0, $1)', run: h.xor },
  invert: { template: '(-$0 - 1)', run: (x: number) => -x - 1 },
  shiftLeft: { template: 'h.shiftLeft($0, $1)', run: h.shiftLeft },
  shiftRight: { template: 'h.shiftRight($0, $1)', run: h.shiftRight },
  andBig: { template: '($0 & $1)', run: (a: bigint, b: bigint) => a & b },
  orBig: { template: '($0 | $1)', run: (a: bigint, b: bigint) => a | b },
  xorBig: { template: '($0 ^ $1)', run: (a: bigint, b: bigint) => a ^ b },
  invertBig: { template: '(~$0)', run: (x: bigint) => ~x },
  shiftLeftBig: { template: 'h.shiftLeftBig($0, $1)', run: h.shiftLeftBig },
  shiftRightBig: { template: 'h.shiftRightBig($0, $1)', run: h.shiftRightBig },

  equal: { template: '($0 === $1)', run: (a: number, b: number) => a === b },
  notEqual: { template: '($0 !== $1)', run: (a: number, b: number) => a !== b },
  // `==` between a number and a bigint compares their values; `===` would always be false.
  equalMixed: { template: '($0 == $1)', run: (a: number, b: number) => a == b },
  notEqualMixed: { template: '($0 != $1)', run: (a: number, b: number) => a != b },
  less: { template: '($0 < $1)', run: (a: number, b: number) => a < b },
  lessOrEqual: { template: '($0 <= $1)', run: (a: number, b: number) => a <= b },
  greater: { template: '($0 > $1)', run: (a: number, b: number) => a > b },
  greaterOrEqual: { template: '($0 >= $1)', run: (a: number, b: number) => a >= b },
  /** A bool field that may be absent, where a condition is needed. */
  isTrue: { template: '($0 === true)', run: (x: boolean) => x },

  length: { template: '$0.length', run: (x: string | Uint8Array) => x.length },
  contains: { template: '$0.includes($1)', run: (s: string, t: string) => s.includes(t) },
  startsWith: { template: '$0.startsWith($1)', run: (s: string, t: string) => s.startsWith(t) },
  endsWith: { template: '$0.endsWith($1)', run: (s: string, t: string) => s.endsWith(t) },
  lower: { template: '$0.toLowerCase()', run: (s: string) => s.toLowerCase() },
  upper: { template: '$0.toUpperCase()', run: (s: string) => s.toUpperCase() },
  substringFrom: { template: 'h.substring($0, $1)', run: h.substring },
  substring: { template: 'h.substring($0, $1, $2)', run: h.substring },
  abs: { template: 'h.abs($0)', run: h.abs },
  absBig: { template: 'h.absBig($0)', run: h.absBig },
  min: { template: 'h.min($0, $1)', run: h.min },
  minBig: { template: 'h.minBig($0, $1)', run: h.minBig },
  max: { template: 'h.max($0, $1)', run: h.max },
  maxBig: { template: 'h.maxBig($0, $1)', run: h.maxBig },
  floor: { template: 'h.floor($0)', run: h.floor },
};
