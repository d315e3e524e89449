import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findFunctionAround, findFunctions } from './find-function.ts';
import { maskSource } from './mask-source.ts';

const source = String.raw`
// function plain(x) {}
const text = "function plain(y) {";
export function plain(a, { b }, ...rest) { return a; }
const arrow = async (one, two = f(1, 2)) => { return one; };
const short = x => x + 1;
class Service {
  static async run(input) { return input; }
  get run2() { return 1; }
}
class Other { run(other) { return /[{/]/.test(other); } }
Service.prototype.late = function (q) { return q; };
const object = { plain2(z) { return plain(z); }, key: function named(k) {} };
if (plain(1)) { plain(2); }
`;
const masked = maskSource(source);
const bodiesOf = (name: string): string[] =>
  findFunctions(masked, name).map(({ bodyStart, bodyEnd }) =>
    source.slice(bodyStart, bodyEnd).trim(),
  );
const parametersOf = (name: string): (readonly string[])[] =>
  findFunctions(masked, name).map(({ parameters }) => parameters);

describe('findFunctions', () => {
  it('finds declarations, arrows and methods, and nothing in comments and strings', () => {
    expect(bodiesOf('plain')).toEqual(['return a;']);
    expect(bodiesOf('arrow')).toEqual(['return one;']);
    expect(bodiesOf('short')).toEqual(['x + 1']);
    expect(bodiesOf('key')).toEqual(['']);
    expect(bodiesOf('nobody')).toEqual([]);
    expect(bodiesOf('')).toEqual([]);
  });

  it('tells the methods of classes apart', () => {
    expect(bodiesOf('run')).toHaveLength(2);
    expect(bodiesOf('Service.run')).toEqual(['return input;']);
    expect(bodiesOf('Other.run')).toEqual(['return /[{/]/.test(other);']);
    expect(bodiesOf('Service.late')).toEqual(['return q;']);
  });

  it('names the parameters that have a plain name', () => {
    expect(parametersOf('plain')).toEqual([['a', 'rest']]);
    expect(parametersOf('arrow')).toEqual([['one', 'two']]);
    expect(parametersOf('short')).toEqual([['x']]);
  });

  it('chooses the innermost function around an offset', () => {
    const nested = maskSource('function f(a) { function f(b) { here; } }');
    expect(findFunctionAround(nested, 'f', nested.indexOf('here'))?.parameters).toEqual(['b']);
    expect(findFunctionAround(nested, 'f', nested.indexOf('function f(b)'))?.parameters).toEqual([
      'a',
    ]);
  });

  it('survives any text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, name) => {
        expect(findFunctions(maskSource(text), name)).toBeInstanceOf(Array);
      }),
    );
  });
});

describe('maskSource', () => {
  it('keeps length and lines of any text', () => {
    const pieces = fc.constantFrom(
      '"',
      "'",
      '`',
      '/',
      '*',
      '\\',
      '${',
      '}',
      '{',
      '\n',
      'a',
      ' ',
      '[',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const text = parts.join('');
        const result = maskSource(text);
        expect(result).toHaveLength(text.length);
        expect(result.split('\n')).toHaveLength(text.split('\n').length);
      }),
    );
  });

  it('tells division from a regular expression', () => {
    expect(maskSource('a / b / c')).toBe('a / b / c');
    expect(maskSource('x = /a{/; y')).toBe('x =     ; y');
    expect(maskSource('`a${`{`}b{`;')).toBe('           ;');
  });
});
