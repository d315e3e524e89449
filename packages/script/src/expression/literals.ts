import { ExpressionError } from './errors.ts';
import type { Span } from './excerpt.ts';

export interface NumberToken extends Span {
  readonly kind: 'integer' | 'float';
  readonly value: number | bigint;
}

export interface StringToken extends Span {
  readonly kind: 'string';
  readonly value: string;
  /** The same literal as a regular expression: every escape but those of \ and of quotes is left to it. */
  readonly pattern: string;
  /** The first escape that strings do not have; it is an error unless the literal is a pattern. */
  readonly unknownEscape: Span | undefined;
}

const hex = /0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)*/y;
const decimal = /(?:0|[1-9]\d*(?:_\d+)*)(\.\d+(?:_\d+)*)?([eE][+-]?\d+)?/y;
const wordOrDot = /[\w$.]/;
const escape = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]{1,6}\}|[^])/uy;
const named: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '0': '\0',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** Reads `13`, `1_000`, `0xff`, `2.5` or `1e3`. An integer that a double cannot hold becomes a bigint. */
export function readNumber(text: string, start: number): NumberToken {
  const found = match(hex, text, start) ?? match(decimal, text, start);
  const end = start + (found?.[0].length ?? 0);
  if (found === undefined || wordOrDot.test(text.charAt(end))) return refuseNumber(text, start);
  const digits = found[0].replaceAll('_', '');
  if (found[1] !== undefined || found[2] !== undefined) {
    const value = Number(digits);
    if (!Number.isFinite(value)) return refuseNumber(text, start);
    return { kind: 'float', value, start, end };
  }
  const value = Number(digits);
  const isExact = Number.isSafeInteger(value);
  return { kind: 'integer', value: isExact ? value : BigInt(digits), start, end };
}

/** Reads a literal in single or double quotes, on one line. */
export function readString(text: string, start: number): StringToken {
  const quote = text.charAt(start);
  let value = '';
  let pattern = '';
  let unknownEscape: Span | undefined;
  let offset = start + 1;
  for (;;) {
    const c = text.charAt(offset);
    if (c === quote) break;
    if (c === '' || c === '\n' || c === '\r') return refuseUnclosed(text, start, offset);
    if (c !== '\\') {
      value += c;
      pattern += c;
      offset++;
      continue;
    }
    const found = match(escape, text, offset);
    if (found === undefined) return refuseUnclosed(text, start, text.length);
    const cooked = cook(found[0]);
    unknownEscape ??=
      cooked === undefined ? { start: offset, end: offset + found[0].length } : undefined;
    value += cooked ?? found[0];
    pattern += /^\\[\\"']$/.test(found[0]) ? found[0].slice(1) : found[0];
    offset += found[0].length;
  }
  return { kind: 'string', value, pattern, unknownEscape, start, end: offset + 1 };
}

function cook(sequence: string): string | undefined {
  if (sequence.length === 2)
    return Object.hasOwn(named, sequence.charAt(1)) ? named[sequence.charAt(1)] : undefined;
  const code = Number.parseInt(sequence.replaceAll(/[\\xu{}]/g, ''), 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

function match(sticky: RegExp, text: string, offset: number): RegExpExecArray | undefined {
  sticky.lastIndex = offset;
  return sticky.exec(text) ?? undefined;
}

function refuseNumber(text: string, start: number): never {
  let end = start;
  while (end < text.length && wordOrDot.test(text.charAt(end))) end++;
  throw new ExpressionError(
    'EE_EXPR_SYNTAX',
    `${end - start > 40 ? `${text.slice(start, start + 40)}…` : text.slice(start, end)} is not a number.`,
    'write numbers as 13, 1_000, 0xff, 2.5 or 1e3, without leading zeros and below 1.8e308.',
    text,
    { start, end },
  );
}

function refuseUnclosed(text: string, start: number, end: number): never {
  throw new ExpressionError(
    'EE_EXPR_SYNTAX',
    'The string has no closing quote on its line.',
    String.raw`close it, and write \n for a line break or \" for a quote inside.`,
    text,
    { start, end },
  );
}
