import { ExtensionEventError } from '@extension-events/core';
import { drawExcerpt, locate } from './excerpt.ts';
import type { ExpressionPosition, Span } from './excerpt.ts';

/** Codes of the expression language. They are permanent; compare `error.code`, never the class. */
export const expressionErrorCodes = {
  EE_EXPR_SYNTAX: 'The text does not follow the grammar.',
  EE_EXPR_FIELD: 'The event type has no such field.',
  EE_EXPR_FUNCTION: 'The language has no such function.',
  EE_EXPR_TYPE: 'An operator or a function got a type it does not take, or a predicate is no bool.',
  EE_EXPR_REGEX: 'The regular expression is not valid, or may take very long.',
  EE_EXPR_LIMIT: 'The text is too long or nested too deeply.',
} as const;

export type ExpressionErrorCode = keyof typeof expressionErrorCodes;

/** A refused text. The message ends in the line of the text with a caret under the spot. */
export class ExpressionError extends ExtensionEventError {
  readonly position: ExpressionPosition;
  /** The message without the line. */
  readonly reason: string;

  constructor(code: ExpressionErrorCode, message: string, hint: string, text: string, span: Span) {
    const position = locate(text, span);
    super(code, `${message}\n${drawExcerpt(text, position)}`, hint);
    this.position = position;
    this.reason = message;
  }
}
