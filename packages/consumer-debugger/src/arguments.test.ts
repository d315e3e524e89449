import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCatchArgument, parseNumber, parseNumbers, splitIf, splitWords } from './arguments.ts';
import { isCodedError } from './errors.ts';
import { parseLocation } from './location.ts';

const textsOf = (text: string): string[] => splitWords(text).map((word) => word.text);

describe('splitWords', () => {
  it('keeps together what quotes enclose', () => {
    expect(textsOf(`a "b c" d='e f' g\\"`.slice(0, -2))).toEqual(['a', 'b c', 'd=e f', 'g']);
    expect(textsOf(String.raw`"a\"b"`)).toEqual(['a"b']);
  });

  it('refuses a quote without partner', () => {
    expect(() => splitWords('a "b')).toThrow(/column 3/);
  });

  it('never fails in another way', () => {
    const readers = [splitWords, parseCatchArgument, parseLocation, readNumbers];
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...readers), (text, read) => {
        expect(isReadOrRefused(() => read(text))).toBe(true);
      }),
    );
  });
});

const readNumbers = (text: string): number[] => parseNumbers(text, 'a number');

function isReadOrRefused(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    return isCodedError(error);
  }
}

describe('parseCatchArgument', () => {
  it('reads pattern, parameters and condition', () => {
    const { pattern, request, condition } = parseCatchArgument(
      'hot-spot share=0.05 by="a line" if function == "if x"',
    );
    expect([pattern, [...request], condition]).toEqual([
      'hot-spot',
      [
        ['share', '0.05'],
        ['by', 'a line'],
      ],
      'function == "if x"',
    ]);
  });

  it('leaves quotes of the condition to the condition', () => {
    expect(splitIf(`net.send if peer == "it's"`).condition).toBe(`peer == "it's"`);
    expect(splitIf(`x a="1 if 2" if b`)).toEqual({ head: 'x a="1 if 2"', condition: 'b' });
    expect(splitIf('if(a)')).toEqual({ head: '', condition: '(a)' });
    expect(splitIf('net.iffy')).toEqual({ head: 'net.iffy' });
  });

  it('refuses a missing pattern, a stray word and an empty condition', () => {
    expect(() => parseCatchArgument('')).toThrow(/needs the name or pattern/);
    expect(() => parseCatchArgument('a b')).toThrow(/neither name=value nor if/);
    expect(() => parseCatchArgument('a if ')).toThrow(/no expression after if/);
  });
});

describe('numbers', () => {
  it('are whole, and in range', () => {
    expect(parseNumber('0', 'a frame')).toBe(0);
    expect(parseNumbers('1 3-5, 7', 'a number')).toEqual([1, 3, 4, 5, 7]);
    for (const text of ['', '-1', '1.5', 'x', '9999999999']) {
      expect(() => parseNumber(text, 'a frame')).toThrow(/is not a frame/);
    }
    expect(() => parseNumber('0', 'a count', 1)).toThrow(/is not a count/);
    expect(() => parseNumbers('1-2000', 'a number')).toThrow(/too wide/);
    expect(() => parseNumbers('5-3', 'a number')).toThrow(/is not a number/);
  });
});

describe('parseLocation', () => {
  it('reads lines, files, functions and nothing', () => {
    expect(parseLocation('')).toEqual({ kind: 'here' });
    expect(parseLocation('31')).toEqual({ kind: 'line', line: 31 });
    expect(parseLocation('31:7')).toEqual({ kind: 'line', line: 31, column: 7 });
    expect(parseLocation('src/a b.ts:31')).toEqual({
      kind: 'file-line',
      file: 'src/a b.ts',
      line: 31,
    });
    expect(parseLocation('node:fs:12')).toEqual({ kind: 'file-line', file: 'node:fs', line: 12 });
    expect(parseLocation('a.ts:3:9')).toEqual({
      kind: 'file-line',
      file: 'a.ts',
      line: 3,
      column: 9,
    });
    expect(parseLocation('Service.run')).toEqual({ kind: 'function', name: 'Service.run' });
    expect(parseLocation('a.ts:run')).toEqual({ kind: 'function', name: 'run', file: 'a.ts' });
    expect(parseLocation('"x.ts:1"')).toEqual({ kind: 'file-line', file: 'x.ts', line: 1 });
  });

  it('refuses the rest', () => {
    for (const text of ['0', 'a.ts:0', 'a b', '+', 'a.ts:']) {
      expect(() => parseLocation(text)).toThrow(/is not a place/);
    }
  });
});
