import type { BinaryOperator } from './ast.ts';
import { operate } from './checked.ts';
import type { CheckedNode } from './checked.ts';
import { convert, isNumber, meet } from './numbers.ts';
import type { OperationName } from './operations.ts';

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type Arithmetic = Exclude<BinaryOperator, Comparison>;

const comparisons: Readonly<Record<Comparison, OperationName>> = {
  '==': 'equal',
  '!=': 'notEqual',
  '<': 'less',
  '<=': 'lessOrEqual',
  '>': 'greater',
  '>=': 'greaterOrEqual',
};

/** The operation on JS numbers and the one on bigints. */
const arithmetic: Readonly<Record<Arithmetic, readonly [OperationName, OperationName]>> = {
  '+': ['add', 'add'],
  '-': ['subtract', 'subtract'],
  '*': ['multiply', 'multiply'],
  '%': ['remainder', 'remainderBig'],
  '&': ['and', 'andBig'],
  '|': ['or', 'orBig'],
  '^': ['xor', 'xorBig'],
  '<<': ['shiftLeft', 'shiftLeftBig'],
  '>>': ['shiftRight', 'shiftRightBig'],
  // A quotient is always a float: 7 / 2 is 3.5 in every width, and x / 0 is Infinity or NaN.
  '/': ['divide', 'divide'],
};

export function isComparison(operator: BinaryOperator): operator is Comparison {
  return Object.hasOwn(comparisons, operator);
}

export function isBitOperator(operator: BinaryOperator): boolean {
  return ['&', '|', '^', '<<', '>>'].includes(operator);
}

/** Undefined when the operator does not take these types. */
export function checkComparison(
  operator: Comparison,
  left: CheckedNode,
  right: CheckedNode,
): CheckedNode | undefined {
  const operation = comparisons[operator];
  const isEquality = operation === 'equal' || operation === 'notEqual';
  if (!isNumber(left) || !isNumber(right)) {
    const isTaken = left.type === 'string' || (left.type === 'bool' && isEquality);
    return isTaken && left.type === right.type
      ? operate(operation, 'bool', left, right)
      : undefined;
  }
  // No conversion: JS compares a number with a bigint by value, exactly. Only a literal is
  // brought to the other side's kind, since two bigints compare faster.
  const a =
    left.kind === 'constant' && left.type === 'int' ? convert(left, meet(left, right)) : left;
  const b =
    right.kind === 'constant' && right.type === 'int' ? convert(right, meet(left, right)) : right;
  const isMixed = (a.type === 'big') !== (b.type === 'big');
  if (!isMixed || !isEquality) return operate(operation, 'bool', a, b);
  return operate(operation === 'equal' ? 'equalMixed' : 'notEqualMixed', 'bool', a, b);
}

/** Undefined when the operator does not take these types. */
export function checkArithmetic(
  operator: Arithmetic,
  left: CheckedNode,
  right: CheckedNode,
): CheckedNode | undefined {
  if (operator === '+' && left.type === 'string' && right.type === 'string') {
    return operate('add', 'string', left, right);
  }
  if (!isNumber(left) || !isNumber(right)) return undefined;
  const [plain, big] = arithmetic[operator];
  if (operator === '/')
    return operate(plain, 'float', convert(left, 'float'), convert(right, 'float'));
  if (isBitOperator(operator) && (left.type === 'float' || right.type === 'float'))
    return undefined;
  if (operator === '<<' || operator === '>>') {
    // The number of places decides nothing about the kind of the result.
    const places = right.type === 'big' ? convert(right, 'float') : right;
    return operate(left.type === 'big' ? big : plain, left.type, left, places);
  }
  const type = meet(left, right);
  return operate(type === 'big' ? big : plain, type, convert(left, type), convert(right, type));
}
