import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFileNamed, parseLocation } from './location.ts';

function kindOf(text: string): string {
  try {
    return parseLocation(text).kind;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('parseLocation', () => {
  it.each([
    ['app.ts:12', { kind: 'line', file: 'app.ts', line: 12 }],
    ['./src/app.ts:12:5', { kind: 'line', file: 'src/app.ts', line: 12, column: 5 }],
    ['/srv/a b/app.mjs:1:1', { kind: 'line', file: '/srv/a b/app.mjs', line: 1, column: 1 }],
    ['node:fs:12', { kind: 'line', file: 'node:fs', line: 12 }],
    ['handleOrder', { kind: 'name', name: 'handleOrder' }],
    ['Desk.serve', { kind: 'name', name: 'Desk.serve' }],
    ['$été_', { kind: 'name', name: '$été_' }],
    ['*0x401136', { kind: 'native', text: '0x401136' }],
    ['0x401136', { kind: 'native', text: '0x401136' }],
    ['libc.so.6:malloc', { kind: 'native', text: 'libc.so.6:malloc' }],
    ['main+4', { kind: 'native', text: 'main+4' }],
    ['ns::run(int)', { kind: 'native', text: 'ns::run(int)' }],
  ])('reads %s', (text, location) => {
    expect(parseLocation(text)).toEqual(location);
    expect(parseLocation(`  ${text} `)).toEqual(location);
  });

  it.each(['', '   ', 'a.ts:0', 'a.ts:1:0', 'a\nb', 'x'.repeat(1025)])('refuses %j', (text) => {
    expect(() => parseLocation(text)).toThrow(expect.objectContaining({ code: 'EE_BREAKPOINT_LOCATION' })); // prettier-ignore
  });

  it('accepts the longest and never throws anything else', () => {
    expect(parseLocation('x'.repeat(1024)).kind).toBe('name');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(['line', 'name', 'native', 'EE_BREAKPOINT_LOCATION']).toContain(kindOf(text));
      }),
    );
  });

  it('reads back every line that it is written', () => {
    const file = fc.stringMatching(/^[a-z/]{1,12}\.ts$/).filter((text) => !text.startsWith('./'));
    fc.assert(
      fc.property(file, fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e6 }), (name, line, column) => {
        expect(parseLocation(`${name}:${line}:${column}`)).toEqual({ kind: 'line', file: name, line, column }); // prettier-ignore
      }),
    ); // prettier-ignore
  });
});

it('a file is meant by its name, by the end of its path, and by its whole path', () => {
  expect(isFileNamed('/srv/src/app.ts', 'app.ts')).toBe(true);
  expect(isFileNamed('/srv/src/app.ts', 'src/app.ts')).toBe(true);
  expect(isFileNamed('/srv/src/app.ts', '/srv/src/app.ts')).toBe(true);
  expect(isFileNamed('/srv/src/app.ts', '/src/app.ts')).toBe(false);
  expect(isFileNamed('/srv/src/wapp.ts', 'app.ts')).toBe(false);
});
