import { ExpressionError } from './errors.ts';
import type { Span } from './excerpt.ts';
import { expressionLimits } from './limits.ts';
import { readNumber, readString } from './literals.ts';
import type { NumberToken, StringToken } from './literals.ts';

/** `name` is `len`, `field` is `$len`. */
export interface WordToken extends Span {
  readonly kind: 'name' | 'field';
  readonly name: string;
}
export interface OperatorToken extends Span {
  readonly kind: 'operator';
  readonly operator: string;
}
export interface EndToken extends Span {
  readonly kind: 'end';
}
export type Token = NumberToken | StringToken | WordToken | OperatorToken | EndToken;

/** What may stand between tokens of an expression. */
const blanks = /[ \t\r\n]*/y;
const word = /\$?[A-Za-z_][A-Za-z0-9_]*/y;
// Longest first. A lone `=` is none of them, so that it gets an error of its own.
const operators = /\|\||&&|==|!=|=~|!~|<=|>=|<<|>>|[<>!+\-*/%&|^~?:(),]/y;

/**
 * Cuts a text into tokens; the last is always `end`.
 *
 * @throws ExpressionError `EE_EXPR_SYNTAX` and, for a text that is too long, `EE_EXPR_LIMIT`
 */
export function tokenize(text: string): readonly Token[] {
  const { maxLength } = expressionLimits;
  if (text.length > maxLength) {
    throw new ExpressionError(
      'EE_EXPR_LIMIT',
      `The text has ${text.length} characters, and at most ${maxLength} are accepted.`,
      'shorten it, or listen several times with one part each.',
      text,
      { start: maxLength, end: text.length },
    );
  }
  const tokens: Token[] = [];
  let offset = skip(blanks, text, 0);
  while (offset < text.length) {
    const token = readToken(text, offset, operators);
    tokens.push(token);
    offset = skip(blanks, text, token.end);
  }
  tokens.push({ kind: 'end', start: text.length, end: text.length });
  return tokens;
}

/**
 * Reads the token at an offset.
 *
 * @param sticky - matches an operator, the longest first
 * @throws ExpressionError `EE_EXPR_SYNTAX`
 */
export function readToken(text: string, start: number, sticky: RegExp): Token {
  const first = text.charAt(start);
  if (first >= '0' && first <= '9') return readNumber(text, start);
  if (first === '"' || first === "'") return readString(text, start);
  const wordEnd = skip(word, text, start);
  if (wordEnd > start) {
    const isField = first === '$';
    const name = text.slice(isField ? start + 1 : start, wordEnd);
    return { kind: isField ? 'field' : 'name', name, start, end: wordEnd };
  }
  const end = skip(sticky, text, start);
  if (end > start) return { kind: 'operator', operator: text.slice(start, end), start, end };
  return refuseCharacter(text, start);
}

/** Where a sticky expression that starts at `offset` ends; `offset` itself when it does not match. */
export function skip(sticky: RegExp, text: string, offset: number): number {
  sticky.lastIndex = offset;
  return sticky.test(text) ? sticky.lastIndex : offset;
}

function refuseCharacter(text: string, start: number): never {
  const character = String.fromCodePoint(text.codePointAt(start) ?? 0);
  let hint = 'put text in quotes, and name fields with letters, digits and _.';
  if (character === '=') hint = 'write == to compare.';
  if (character === '$') hint = 'write $name, or just the name of the field.';
  if (character === '.') hint = 'write 0.5 rather than .5; fields have no parts.';
  throw new ExpressionError(
    'EE_EXPR_SYNTAX',
    `${JSON.stringify(character)} has no meaning here.`,
    hint,
    text,
    { start, end: start + character.length },
  );
}
