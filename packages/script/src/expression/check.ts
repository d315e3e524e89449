import type { EventTypeDescriptor } from '@extension-events/core';
import { ExpressionChecker, truth } from './checker.ts';
import { Complaints } from './complaints.ts';
import { printExpression } from './print.ts';
import type { CheckedExpression, Expression } from './types.ts';

/**
 * Finds the fields of an expression in an event type and checks that the types fit.
 *
 * @throws ExpressionError `EE_EXPR_FIELD`, `EE_EXPR_FUNCTION`, `EE_EXPR_TYPE`, `EE_EXPR_REGEX`
 */
export function checkExpression(
  expression: Expression,
  descriptor: EventTypeDescriptor,
): CheckedExpression {
  const checker = new ExpressionChecker(
    descriptor,
    new Complaints(expression.text, printExpression),
  );
  const root = checker.check(expression.root);
  const { text } = expression;
  const fields = [...checker.fields];
  return { text, eventName: descriptor.name, type: root.type, fields, root };
}

/**
 * The same for an expression that is to be a condition.
 *
 * @throws ExpressionError as {@link checkExpression}, and `EE_EXPR_TYPE` when the result is no bool
 */
export function checkPredicate(
  expression: Expression,
  descriptor: EventTypeDescriptor,
): CheckedExpression {
  const checked = checkExpression(expression, descriptor);
  const { text, root } = expression;
  const complaints = new Complaints(text, printExpression);
  if (checked.type !== 'bool') complaints.needsBool(root, checked.type, 'A predicate');
  return { ...checked, root: truth(checked.root) };
}
