export { checkExpression, checkPredicate } from './check.ts';
export { compileExpression, compilePredicate, fieldsOf } from './compile.ts';
export { ExpressionError, expressionErrorCodes } from './errors.ts';
export { expressionLimits } from './limits.ts';
export { nearest } from './nearest.ts';
export { parseExpression } from './parser.ts';
export { printExpression } from './print.ts';
export type { Node } from './ast.ts';
export type { CheckedNode, ValueType } from './checked.ts';
export type { ExpressionErrorCode } from './errors.ts';
export type { ExpressionPosition } from './excerpt.ts';
export type { CheckedExpression, Expression, Predicate, PredicateContext, ValueExpression } from './types.ts'; // prettier-ignore
