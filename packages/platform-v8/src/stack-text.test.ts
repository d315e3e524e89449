import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatStackFrame, parseStackLine, parseStackText } from './stack-text.ts';

const frame = (text: string): object | undefined => parseStackLine(text);

describe('parseStackLine', () => {
  it('reads plain, method, constructor, anonymous and async frames', () => {
    expect(frame('    at parse (/app/a.js:3:14)')).toMatchObject({
      functionName: 'parse',
      url: '/app/a.js',
      line: 3,
      column: 14,
    });
    expect(frame('at Box.method [as run] (file:///app/a.mjs:1:2)')).toMatchObject({
      functionName: 'Box.method',
      url: 'file:///app/a.mjs',
    });
    expect(frame('at new Box (file:///a.js:5:7)')).toMatchObject({
      functionName: 'Box',
      isConstructor: true,
    });
    expect(frame('at /app/a.js:9:1')).toMatchObject({
      functionName: '',
      url: '/app/a.js',
      line: 9,
    });
    expect(frame('at <anonymous> (/app/a.js:9:1)')).toMatchObject({ functionName: '' });
    expect(frame('at async Promise.all (index 0)')).toMatchObject({
      functionName: 'Promise.all',
      isAsync: true,
      line: 0,
    });
    expect(frame('at async load (node:internal/modules/esm/loader:10:2)')).toMatchObject({
      isAsync: true,
      url: 'node:internal/modules/esm/loader',
    });
    expect(frame('at async /app/a.js:2:3')).toMatchObject({
      isAsync: true,
      functionName: '',
      line: 2,
    });
  });

  it('reads built-in and evaluated frames', () => {
    expect(frame('at Array.sort (<anonymous>)')).toEqual({
      functionName: 'Array.sort',
      url: '',
      line: 0,
      column: 0,
      isAsync: false,
      isConstructor: false,
    });
    expect(frame('at RegExp.exec (native)')).toMatchObject({
      functionName: 'RegExp.exec',
      url: '',
    });
    expect(frame('at eval (eval at run (/app/a.js:1:2), <anonymous>:3:4)')).toMatchObject({
      functionName: 'eval',
      url: '',
      line: 3,
      column: 4,
    });
    expect(
      frame('at f (eval at g (eval at h (/a.js:1:2), <anonymous>:9:9), <anonymous>:3:4)'),
    ).toMatchObject({ functionName: 'f', line: 3 });
  });

  it('reads paths with blanks and parentheses', () => {
    expect(frame('at run (/home/me/my app (old)/a b.js:3:4)')).toMatchObject({
      functionName: 'run',
      url: '/home/me/my app (old)/a b.js',
      line: 3,
    });
    expect(frame('at /home/me/my app (old)/a.js:3:4')).toMatchObject({
      functionName: '',
      url: '/home/me/my app (old)/a.js',
    });
    expect(frame('at C.<computed> (file:///tmp/x%20(1)/a.js:1:1)')).toMatchObject({
      functionName: 'C.<computed>',
      url: 'file:///tmp/x%20(1)/a.js',
    });
    expect(frame('at weird (name) (/a.js:1:1)')).toMatchObject({
      functionName: 'weird (name)',
      url: '/a.js',
    });
  });

  it('says no to lines that are no frames', () => {
    for (const text of [
      '',
      'Error: boom',
      'at nowhere',
      '    ... 3 lines matching cause stack trace ...',
    ]) {
      expect(frame(text)).toBeUndefined();
    }
    expect(parseStackText('Error: boom\n    at f (/a.js:1:2)\n    at /b.js:3:4')).toHaveLength(2);
  });

  it('reads what formatStackFrame writes', () => {
    const word = fc
      .stringMatching(/^[A-Za-z_$][\w$.]{0,10}$/)
      .filter((text) => !['new', 'async', 'at', 'native', 'eval'].includes(text));
    const position = fc.integer({ min: 1, max: 1e6 });
    const url = fc.oneof(
      fc.constant(''),
      word.map((name) => `file:///app/${name}.js`),
      word.map((name) => `/srv/my ${name} (1)/x.ts`),
    );
    fc.assert(
      fc.property(
        fc.oneof(fc.constant(''), word),
        url,
        position,
        position,
        fc.boolean(),
        fc.boolean(),
        (functionName, file, line, column, isAsync, isConstructor) => {
          const place = file === '' ? { url: '', line: 0, column: 0 } : { url: file, line, column };
          const written = { functionName, ...place, isAsync, isConstructor };
          expect(parseStackLine(`    at ${formatStackFrame(written)}`)).toEqual(written);
        },
      ),
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseStackText(text))));
    expect(parseStackText('')).toEqual([]);
  });
});
