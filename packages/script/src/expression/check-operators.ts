import type { BinaryOperator } from './ast.ts';
import { operate } from './checked.ts';
import type { CheckedNode, Typed } from './checked.ts';
import { constantOf, convert, isNumber, meet } from './numbers.ts';
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
export function checkComparison<X extends Typed = never>(
  operator: Comparison,
  left: CheckedNode<X>,
  right: CheckedNode<X>,
): CheckedNode<X> | undefined {
  const operation = comparisons[operator];
  const isEquality = operation === 'equal' || operation === 'notEqual';
  if (!isNumber<X>(left) || !isNumber<X>(right)) {
    const isTaken = left.type === 'string' || (left.type === 'bool' && isEquality);
    return isTaken && left.type === right.type
      ? operate<X>(operation, 'bool', left, right)
      : undefined;
  }
  // No conversion: JS compares a number with a bigint by value, exactly. Only a literal is
  // brought to the other side's kind, since two bigints compare faster.
  const a =
    left.type === 'int' && constantOf(left) !== undefined
      ? convert<X>(left, meet(left, right))
      : left;
  const b =
    right.type === 'int' && constantOf(right) !== undefined
      ? convert<X>(right, meet(left, right))
      : right;
  const isMixed = (a.type === 'big') !== (b.type === 'big');
  if (!isMixed || !isEquality) return operate<X>(operation, 'bool', a, b);
  return operate<X>(operation === 'equal' ? 'equalMixed' : 'notEqualMixed', 'bool', a, b);
}

/** Undefined when the operator does not take these types. */
export function checkArithmetic<X extends Typed = never>(
  operator: Arithmetic,
  left: CheckedNode<X>,
  right: CheckedNode<X>,
): CheckedNode<X> | undefined {
  if (operator === '+' && left.type === 'string' && right.type === 'string') {
    return operate<X>('add', 'string', left, right);
  }
  if (!isNumber<X>(left) || !isNumber<X>(right)) return undefined;
  const [plain, big] = arithmetic[operator];
  if (operator === '/')
    return operate<X>(plain, 'float', convert<X>(left, 'float'), convert<X>(right, 'float'));
  if (isBitOperator(operator) && (left.type === 'float' || right.type === 'float'))
    return undefined;
  if (operator === '<<' || operator === '>>') {
    // The number of places decides nothing about the kind of the result.
    const places = right.type === 'big' ? convert<X>(right, 'float') : right;
    return operate<X>(left.type === 'big' ? big : plain, left.type, left, places);
  }
  const type = meet(left, right);
  return operate<X>(
    type === 'big' ? big : plain,
    type,
    convert<X>(left, type),
    convert<X>(right, type),
  );
}
