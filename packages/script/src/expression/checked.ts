import type { OperationName } from './operations.ts';
import type { PredicateContext } from './types.ts';

/**
 * Types at run time. Numbers come as `int` (a JS number that counts: u8…i32, lengths, literals),
 * `float` (f32, f64, quotients) and `big` (a bigint: u64, i64, large literals); the language calls
 * all three numbers.
 */
export type ValueType = 'bool' | 'string' | 'bytes' | 'int' | 'float' | 'big';
export type NumberType = 'int' | 'float' | 'big';

export type RuntimeValue = boolean | number | bigint | string | Uint8Array;

/** What every node of a checked tree has. */
export interface Typed {
  readonly type: ValueType;
  /** May be absent (undefined) at run time. */
  readonly isOptional: boolean;
}

export interface CheckedConstant extends Typed {
  readonly kind: 'constant';
  readonly value: number | bigint | string | boolean;
}
export interface CheckedField extends Typed {
  readonly kind: 'field';
  readonly name: string;
}
export interface CheckedPresent extends Typed {
  readonly kind: 'present';
  readonly name: string;
}
export interface CheckedContext extends Typed {
  readonly kind: 'context';
  readonly property: keyof PredicateContext;
}
/** Absent when an operand is absent; one of type bool is then false instead. */
export interface CheckedOperation<X = never> extends Typed {
  readonly kind: 'operation';
  readonly operation: OperationName;
  readonly operands: readonly CheckedNode<X>[];
}
export interface CheckedMatch<X = never> extends Typed {
  readonly kind: 'match';
  readonly regex: RegExp;
  readonly isNegated: boolean;
  readonly subject: CheckedNode<X>;
}
export interface CheckedNot<X = never> extends Typed {
  readonly kind: 'not';
  readonly operand: CheckedNode<X>;
}
export interface CheckedLogical<X = never> extends Typed {
  readonly kind: 'all' | 'any';
  readonly operands: readonly CheckedNode<X>[];
}
export interface CheckedChoice<X = never> extends Typed {
  readonly kind: 'choice';
  readonly condition: CheckedNode<X>;
  readonly whenTrue: CheckedNode<X>;
  readonly whenFalse: CheckedNode<X>;
}

/**
 * The tree that code is made from. Conversions are nodes of their own, so that neither the code
 * generator nor the closures decide anything: both only look an operation up. `X` are the nodes that
 * a larger language, the one of scripts, has beside these.
 */
export type CheckedNode<X = never> =
  | CheckedConstant
  | CheckedField
  | CheckedPresent
  | CheckedContext
  | CheckedOperation<X>
  | CheckedMatch<X>
  | CheckedNot<X>
  | CheckedLogical<X>
  | CheckedChoice<X>
  | X;

/** An operation on these operands. */
export function operate<X extends Typed = never>(
  operation: OperationName,
  type: ValueType,
  ...operands: readonly CheckedNode<X>[]
): CheckedOperation<X> {
  const isOptional = type !== 'bool' && operands.some((operand) => operand.isOptional);
  return { kind: 'operation', type, isOptional, operation, operands };
}
