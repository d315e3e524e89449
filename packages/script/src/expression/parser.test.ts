import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExpressionError } from './errors.ts';
import { parseExpression } from './parser.ts';
import { printExpression } from './print.ts';

function canonical(text: string): string {
  return printExpression(parseExpression(text).root);
}

function tryRefusalOf(text: string): ExpressionError | undefined {
  try {
    parseExpression(text);
    return undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
}

function refusalOf(text: string): ExpressionError {
  const error = tryRefusalOf(text);
  if (error === undefined) throw new Error(`${text} was not refused`);
  return error;
}

describe('parseExpression', () => {
  it.each([
    ['a||b&&c', 'a || b && c'],
    ['(a||b)&&c', '(a || b) && c'],
    ['a && (b && c)', 'a && (b && c)'],
    ['a < b == c < d', 'a < b == c < d'],
    ['a < (b == c)', 'a < (b == c)'],
    ['flags & 4 != 0', 'flags & 4 != 0'],
    ['a | b ^ c & d << e + f * g', 'a | b ^ c & d << e + f * g'],
    ['((((((a | b) ^ c) & d) << e) + f) * g)', '(((((a | b) ^ c) & d) << e) + f) * g'],
    ['a - b - c', 'a - b - c'],
    ['a - (b - c)', 'a - (b - c)'],
    ['-(a + b) * ~c', '-(a + b) * ~c'],
    ['!(a == b)', '!(a == b)'],
    ['!(~a)', '!(~a)'],
    ['a ? b : c ? d : e', 'a ? b : c ? d : e'],
    ['(a ? b : c) ? d : e', '(a ? b : c) ? d : e'],
    ["$len==13&&$peer=='x\"y'", String.raw`len == 13 && peer == "x\"y"`],
    ['len(len) > 3', 'len(len) > 3'],
    ['$true == true', '$true == true'],
    ['1_000 + 0xFf + 0x1_0', '1000 + 255 + 16'],
    ['2.50 + 1e3 + 1E-7', '2.5 + 1000.0 + 1e-7'],
    ['9007199254740991 + 9007199254740993', '9007199254740991 + 9007199254740993'],
    ['0xffffffffffffffff', '18446744073709551615'],
    [String.raw`"\n\x41\u0042\u{43}\0"`, String.raw`"\u000aABC\u0000"`],
    [String.raw`peer =~ "^10\.\d+ \"x\" \\w"`, String.raw`peer =~ "^10\\.\\d+ \"x\" \\w"`],
  ])('reads %s as %s', (text, expected) => {
    expect(canonical(text)).toBe(expected);
    expect(canonical(expected)).toBe(expected);
  });

  it.each([
    ['', 0, 0],
    ['  ', 2, 0],
    ['len ==', 6, 0],
    ['len = 3', 4, 1],
    ['len == 3 4', 9, 1],
    ['len === 3', 6, 1],
    ['len == 3 and fd == 4', 9, 3],
    ['(len == 3', 9, 0],
    ['len == 3)', 8, 1],
    ['f(1,)', 4, 1],
    ['f(1 2)', 4, 1],
    ['a ? b', 5, 0],
    ['007', 0, 3],
    ['1__0', 0, 4],
    ['0x', 0, 2],
    ['12ab', 0, 4],
    ['.5', 0, 1],
    ['1.', 0, 2],
    ['1e309', 0, 5],
    ['peer == "abc', 8, 4],
    ['peer == "a\nb"', 8, 2],
    ['peer == "abc\\', 8, 5],
    [String.raw`peer == "a\d"`, 10, 2],
    [String.raw`"\u{110000}" == peer`, 1, 10],
    ['peer =~ other', 8, 5],
    ['a \u{1f600} b', 2, 2],
    ['$ == 1', 0, 1],
    ['$f(1)', 2, 1],
    ['a.b', 1, 1],
  ])('refuses %j at offset %i, length %i', (text, offset, length) => {
    const error = refusalOf(text);
    expect(error.code).toBe('EE_EXPR_SYNTAX');
    expect(error.position).toMatchObject({ offset, length });
  });

  it('names the C spelling to those who write and, or, not, =', () => {
    expect(refusalOf('a and b').hint).toBe('write && instead.');
    expect(refusalOf('a or b').hint).toBe('write || instead.');
    expect(refusalOf('a = b').hint).toBe('write == to compare.');
  });

  it('thinks of the shell when the first value is missing', () => {
    expect(refusalOf(' == 13').hint).toContain('single quotes');
  });

  it('throws nothing but coded errors with a position inside the text, for any text', () => {
    const plain =
      'len $fd ( ) ((( ! - ~ && || == != <= >> =~ !~ + % ? : , 1 0x 1.5e 9007199254740993';
    const odd = [
      '"a"',
      "'",
      '"',
      '\\',
      '"\\u{',
      '_',
      '\n',
      '\t',
      '\u2028',
      '\ud800',
      '\u{1f600}',
      '\0',
    ];
    const pieces = fc.constantFrom(...plain.split(' '), ...odd);
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(' ')),
      fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const error = tryRefusalOf(text);
        const { offset, length, line, column } = error?.position ?? {
          offset: 0,
          length: 0,
          line: 1,
          column: 1,
        };
        expect(error?.code ?? 'EE_EXPR_SYNTAX').toMatch(/^EE_EXPR_(SYNTAX|LIMIT)$/);
        expect(Math.min(offset, length, line - 1, column - 1)).toBeGreaterThanOrEqual(0);
        expect(offset + length).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 2000 },
    );
  });
});
