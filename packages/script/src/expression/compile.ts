import type { EventTypeDescriptor } from '@extension-events/core';
import type { Node } from './ast.ts';
import { childrenOf } from './ast.ts';
import { checkExpression, checkPredicate } from './check.ts';
import { closePredicate, closeValue } from './closures.ts';
import { generatePredicate, generateValue } from './codegen.ts';
import { parseExpression } from './parser.ts';
import type { Predicate, ValueExpression } from './types.ts';

/**
 * Compiles a condition for one event type. The result costs a few nanoseconds a call.
 *
 * Where the process forbids code from strings the predicate is a tree of closures with the same
 * results.
 *
 * @param text - At most 4096 UTF-16 units and 64 levels.
 * @throws ExpressionError with `position`: `EE_EXPR_SYNTAX`, `EE_EXPR_FIELD`, `EE_EXPR_FUNCTION`,
 * `EE_EXPR_TYPE`, `EE_EXPR_REGEX`, `EE_EXPR_LIMIT`
 */
export function compilePredicate(text: string, descriptor: EventTypeDescriptor): Predicate {
  const { root } = checkPredicate(parseExpression(text), descriptor);
  try {
    return generatePredicate(root);
  } catch {
    // An EvalError; some sandboxes throw other things from a Function that they replaced.
    return closePredicate(root);
  }
}

/**
 * Compiles an expression of any type for one event type: `len * 2`, `lower(name)`, `port > 1023`.
 *
 * @param text - At most 4096 UTF-16 units and 64 levels.
 * @throws ExpressionError with `position`, as {@link compilePredicate}
 */
export function compileExpression(text: string, descriptor: EventTypeDescriptor): ValueExpression {
  const { root } = checkExpression(parseExpression(text), descriptor);
  try {
    return generateValue(root);
  } catch {
    return closeValue(root); // as above
  }
}

/**
 * Names of the fields that a text reads, each once, in the order of the text; no event type is needed.
 *
 * @throws ExpressionError `EE_EXPR_SYNTAX`, `EE_EXPR_LIMIT`
 */
export function fieldsOf(text: string): readonly string[] {
  const names = new Set<string>();
  collect(parseExpression(text).root, names);
  return [...names];
}

function collect(node: Node, names: Set<string>): void {
  if (node.kind === 'field') names.add(node.name);
  for (const child of childrenOf(node)) collect(child, names);
}
