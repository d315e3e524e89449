import type { AnyPayload, FieldValue, PredicateContext as Context } from '@extension-events/core';
import type { Node } from './ast.ts';
import type { CheckedNode, ValueType } from './checked.ts';

/**
 * A compiled condition allocates nothing of its own and never throws: a payload that breaks its
 * descriptor in a way that would make it throw does not match.
 */
export type { Predicate, PredicateContext } from '@extension-events/core';

/**
 * A compiled expression for a value of any type. Numbers come as they are in the language: of 64 bits
 * as a bigint. `undefined`: a field that it needs is absent. It never throws.
 */
export type ValueExpression = (payload: AnyPayload, context: Context) => FieldValue | undefined;

/** A text that follows the grammar; nothing is known of its fields and types yet. */
export interface Expression {
  readonly text: string;
  readonly root: Node;
}

/** An expression whose fields exist in one event type and whose types fit together. */
export interface CheckedExpression {
  readonly text: string;
  readonly eventName: string;
  /** `int`, `float` and `big` are numbers; only a `bool` can be a predicate. */
  readonly type: ValueType;
  /** Fields that it reads, each once, in the order of the text. */
  readonly fields: readonly string[];
  readonly root: CheckedNode;
}
