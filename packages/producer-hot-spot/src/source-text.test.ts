import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SourceText } from './source-text.ts';

/** Last line of the function whose parameter list starts at the mark `§`. */
function lastLine(marked: string): number | undefined {
  const before = marked.slice(0, marked.indexOf('§')).split('\n');
  return new SourceText(marked.replace('§', '')).lastLineOfFunction(
    before.length,
    (before.at(-1) ?? '').length + 1,
  );
}

const columnIn = (line: string, from = 1): number | undefined =>
  new SourceText(line).parametersColumn(1, from);

describe('SourceText', () => {
  it('finds the end of declarations, methods, arrows and expressions', () => {
    expect(lastLine('function f§(a, b = { x: 1 }) {\n  return a;\n}\nnext();')).toBe(3);
    expect(lastLine('class C {\n  m§() {\n    if (1) {}\n  }\n  n() {}\n}')).toBe(4);
    expect(lastLine('const f = §(a) => {\n\n};\nf();')).toBe(3);
    expect(lastLine('list.map(§(x) =>\n  x + 1,\n).join();')).toBe(2);
    expect(lastLine('list.map(§x =>\n  [x,\n 1]);\nf();')).toBe(3);
    expect(lastLine('§function f() {\n}\n')).toBe(2);
    expect(lastLine('async function f§(x: number): Promise<void> {\n}\n')).toBe(2);
  });

  it('is not misled by brackets in strings, templates, comments and regular expressions', () => {
    expect(
      lastLine(
        "function f§() {\n  return '}' + \"}\" + `}${ '{' }`; // }\n  /* } */ x = /[}/]}/g;\n}\nx",
      ),
    ).toBe(4);
    expect(lastLine('function f§() {\n  return a / b / c;\n}\n/}/')).toBe(3);
  });

  it('takes the whole text for the script itself', () => {
    expect(new SourceText('a();\nb();\nc();').lastLineOfFunction(1, 1)).toBe(3);
  });

  it('finds the parameter list from the first token', () => {
    expect(columnIn('function plain(a) {')).toBe(15);
    expect(columnIn('async function* many (a) {')).toBe(22);
    expect(columnIn('  method(a) {', 3)).toBe(9);
    expect(columnIn('  static async get(a) {', 3)).toBe(19);
    expect(columnIn('export const f = (a) => a', 18)).toBe(18);
    expect(columnIn('x => x')).toBeUndefined();
  });

  it('tells lines and their first column, and nothing outside', () => {
    const text = new SourceText('one\r\n   two\n');
    expect([text.line(1), text.line(2), text.line(3), text.line(9), text.firstColumn(2)]).toEqual([
      'one',
      '   two',
      '',
      '',
      4,
    ]);
  });

  it('never throws, whatever the text', () => {
    const pieces = fc.array(
      fc.constantFrom(
        '(',
        ')',
        '{',
        '}',
        '`',
        '${',
        "'",
        '"',
        '/',
        '/*',
        '*/',
        '//',
        '\n',
        '\\',
        '=>',
        'x',
        ' ',
        '[',
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(
        pieces,
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 20 }),
        (some, line, column) => {
          const text = new SourceText(some.join(''));
          const last = text.lastLineOfFunction(line, column);
          expect(last === undefined || last >= 1).toBe(true);
          text.parametersColumn(line, column);
        },
      ),
    );
  });
});
