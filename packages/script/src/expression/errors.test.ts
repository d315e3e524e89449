import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compilePredicate } from './compile.ts';
import { ExpressionError, expressionErrorCodes } from './errors.ts';
import { drawExcerpt, locate } from './excerpt.ts';

const netSend = {
  name: 'net.send',
  kind: 'filtered',
  description: 'Bytes were handed to a socket.',
  fields: { len: { type: 'u32' }, fd: { type: 'i32' }, peer: { type: 'string' } },
} as const;

function refusalOf(text: string): ExpressionError {
  try {
    compilePredicate(text, netSend);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
  }
  throw new Error(`${text} was not refused`);
}

it('prints the code, the line with a caret under the spot, and the hint', () => {
  expect(refusalOf('lenn == 13').toString()).toBe(
    [
      "EE_EXPR_FIELD: net.send has no field 'lenn'.",
      '  lenn == 13',
      '  ^~~~',
      'hint: did you mean len? Fields: fd, len, peer.',
    ].join('\n'),
  );
});

it('shows the line of the spot when the text has several, and counts lines and columns from 1', () => {
  const error = refusalOf('len == 13\n  && peer == 5');
  expect(error.position).toEqual({ offset: 15, line: 2, column: 6, length: 9 });
  expect(error.message).toContain('\n    && peer == 5\n       ^~~~~~~~~');
});

it('points behind the last character when the text ends too early', () => {
  const error = refusalOf('len == ');
  expect(error.position).toEqual({ offset: 7, line: 1, column: 8, length: 0 });
  expect(error.message).toContain('\n  len == \n         ^');
});

it('cuts a long line around the spot and keeps the caret under it', () => {
  const text = `${'len == 1 || '.repeat(40)}oops == 1 || ${'len == 1 || '.repeat(40)}true`;
  const [, line = '', caret = ''] = refusalOf(text).message.split('\n');
  expect(line.length).toBeLessThan(90);
  expect(line.slice(caret.indexOf('^')).startsWith('oops')).toBe(true);
  expect(caret.trim()).toBe('^~~~');
});

it('shows what would move the cursor of a terminal as dots, column by column', () => {
  const text = 'a\u001b[2J\u202Eb\t\u{1f600} c';
  expect(drawExcerpt(text, locate(text, { start: 11, end: 12 }))).toBe(
    '  a·[2J·b \u{1f600} c\n             ^',
  );
});

it('treats \\r\\n as one line break', () => {
  expect(locate('a\r\nb\rc', { start: 3, end: 4 })).toMatchObject({ line: 2, column: 1 });
  expect(locate('a\r\nb\rc', { start: 5, end: 6 })).toMatchObject({ line: 3, column: 1 });
});

it('lists every code in the README with its meaning', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `(EE_EXPR_\w+)` +\| ([^|]+?) +\|/gm)];
  expect(Object.fromEntries(rows.map(([, code, meaning]) => [code, meaning]))).toEqual(
    expressionErrorCodes,
  );
});
