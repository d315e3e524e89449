import { describe, expect, it } from 'vitest';
import { compilePredicate, fieldsOf } from './compile.ts';
import { ExpressionError } from './errors.ts';
import { expressionLimits } from './limits.ts';
import { parseExpression } from './parser.ts';

const { maxDepth, maxLength, maxSubjectLength } = expressionLimits;
const context = { pid: 1, tid: 1, threadId: 0, threadName: '', timestampNs: 0, eventName: 'e' };
const descriptor = {
  name: 'e',
  kind: 'filtered',
  description: '',
  fields: { n: { type: 'u32' }, s: { type: 'string' } },
} as const;

function expectLimit(text: string): void {
  expect(() => parseExpression(text)).toThrow(
    expect.objectContaining({ name: 'ExtensionEventError', code: 'EE_EXPR_LIMIT' }),
  );
}

function evaluate(text: string, s = ''): boolean {
  return compilePredicate(text, descriptor)({ n: 1, s }, context);
}

// Texts with trees of so many levels, and a subject of so many characters.
const nest = (levels: number): string => `${'('.repeat(levels)}n${')'.repeat(levels)} == 1`;
const negate = (levels: number): string => `${'!'.repeat(levels - 1)}true`;
const sum = (levels: number): string => `${'n + '.repeat(levels - 2)}n == ${levels - 1}`;
const choose = (levels: number): string => `${'false ? true : '.repeat(levels - 1)}true`;
const call = (levels: number): string =>
  `${'abs('.repeat(levels - 2)}n${')'.repeat(levels - 2)} == 1`;
const subject = (length: number): string => `${'a'.repeat(length - 1)}x`;

describe('limits', () => {
  it(`accepts ${maxLength} characters and refuses one more`, () => {
    const text = 'n == 1'.padEnd(maxLength);
    expect(evaluate(text)).toBe(true);
    expectLimit(`${text} `);
  });

  it(`accepts ${maxDepth} parentheses and refuses one more`, () => {
    expect(evaluate(nest(maxDepth))).toBe(true);
    expectLimit(nest(maxDepth + 1));
  });

  it(`accepts trees of ${maxDepth} levels and refuses one more`, () => {
    expect(evaluate(negate(maxDepth))).toBe(false);
    expectLimit(negate(maxDepth + 1));

    expect(evaluate(sum(maxDepth))).toBe(true);
    expectLimit(sum(maxDepth + 1));

    expect(evaluate(choose(maxDepth))).toBe(true);
    expectLimit(choose(maxDepth + 1));

    expect(evaluate(call(maxDepth))).toBe(true);
    expectLimit(call(maxDepth + 1));
  });

  it('counts a chain of && or || as one level, however long', () => {
    expect(evaluate('n==2||'.repeat(680) + 'n==1')).toBe(true);
    expect(evaluate('n==1&&'.repeat(680) + 'n==2')).toBe(false);
    expect(fieldsOf('n==1&&'.repeat(680) + 's==""')).toEqual(['n', 's']);
  });

  it('refuses every deep text with a coded error, whatever it nests', () => {
    for (const unit of ['(', '!', '-', '~', 'abs(', 'n?', 'n?n:', 'n+', 'n-(', '((n)+']) {
      const text = unit.repeat(Math.floor(maxLength / unit.length));
      expect(() => parseExpression(text)).toThrow(ExpressionError);
    }
  });

  it(`matches regular expressions against the first ${maxSubjectLength} characters`, () => {
    expect(evaluate('s =~ "x"', subject(maxSubjectLength))).toBe(true);
    expect(evaluate('s =~ "x"', subject(maxSubjectLength + 1))).toBe(false);
    expect(evaluate('s !~ "x"', subject(maxSubjectLength + 1))).toBe(true);
    expect(evaluate('contains(s, "x")', subject(maxSubjectLength + 1))).toBe(true);
  });
});
