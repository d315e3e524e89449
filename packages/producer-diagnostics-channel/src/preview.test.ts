import { createContext, runInContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxCharacters, previewOf, shorten } from './preview.ts';

class Request {
  method = 'GET';
  _secret = 1;
  socket: object = new Map([[1, 2]]);
  send = (): void => undefined;
  get url(): never {
    throw new Error('touched');
  }
}

describe('a preview', () => {
  it.each<[unknown, unknown]>([
    [{ a: 1, b: 'x', c: true, d: null, e: undefined }, { a: 1, b: 'x', c: true, d: null }],
    [[1, undefined, [2, [3, [4, [5]]]]], [1, null, [2, [3, [4, '[Array(1)]']]]]],
    [{ big: 10n, nan: Number.NaN, far: -Infinity, s: Symbol('s') }, { big: '10', nan: 'NaN', far: '-Infinity', s: 'Symbol(s)' }],
    [{ when: new Date(0), never: new Date(Number.NaN) }, { when: '1970-01-01T00:00:00.000Z', never: 'Invalid Date' }],
    [{ request: new Request() }, { request: { method: 'GET', socket: '[Map(1)]' } }],
    [{ deep: { request: new Request() } }, { deep: { request: '[Request]' } }],
    [new Request(), { method: 'GET', socket: '[Map(1)]' }],
    [{ error: new TypeError('boom') }, { error: 'TypeError: boom' }],
    [{ fn: shorten, buffer: Buffer.alloc(3), set: new Set([1]), proxy: new Proxy({}, {}) }, { fn: '[Function shorten]', buffer: '[Buffer(3)]', set: '[Set(1)]', proxy: '[Proxy]' }],
    [Array.from({ length: 10 }, (_, i) => i), [0, 1, 2, 3, 4, 5, 6, 7, '… 2 more']],
    [runInContext("(function () { return arguments; })(1, 'two')", createContext()), [1, 'two']], // as pino hands it on
    [undefined, null],
    ['text', 'text'],
    [13, 13],
  ])('of %o is %o', (message, expected) => {
    expect(JSON.parse(previewOf(message))).toEqual(expected);
  }); // prettier-ignore

  it('takes plain objects of other realms for plain', () => {
    const foreign = runInContext('({ a: { b: { c: 1 } } })', createContext()) as object;
    expect(previewOf(foreign)).toBe('{"a":{"b":{"c":1}}}');
  });

  it('is valid JSON and short, whatever the message is', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withSparseArray: true, withNullPrototype: true, maxDepth: 6, maxKeys: 40 }), (message) => {
        const text = previewOf(message);
        JSON.parse(text);
        expect(text.length).toBeLessThan(3 * maxCharacters);
      }),
    );
  }); // prettier-ignore

  it('ends where its budget does, and says so', () => {
    const wide = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key${i}`, 'x'.repeat(500)]));
    const text = previewOf(wide);
    expect(text.length).toBeLessThan(maxCharacters + 1000);
    expect(JSON.parse(text)).toMatchObject({ '…': expect.stringMatching(/^\d+ more$/) as string });
    expect(JSON.parse(previewOf({ a: 'x'.repeat(201) }))).toEqual({ a: `${'x'.repeat(200)}…` });
    expect(JSON.parse(previewOf({ a: 'x'.repeat(200) }))).toEqual({ a: 'x'.repeat(200) });
    expect(shorten('x'.repeat(1_000_001), 5)).toBe('[1000001 characters]');
    expect(shorten('x'.repeat(1_000_000), 5)).toBe('xxxxx…');
  }); // prettier-ignore

  it('calls nothing of the program, though it has patched what there is', () => {
    const touched: string[] = [];
    const spy = (name: string) => () => void touched.push(name);
    const message = {
      toJSON: spy('toJSON'),
      toString: spy('toString'),
      [Symbol.toPrimitive]: spy('toPrimitive'),
      get getter() {
        return touched.push('getter');
      },
      list: Object.assign([1, 2], { map: spy('map') }),
      proxy: new Proxy({}, { get: spy('get'), ownKeys: () => (touched.push('keys'), []), getPrototypeOf: () => (touched.push('prototype'), null) }), // prettier-ignore
      child: Object.create(new Proxy({}, { get: spy('inherited'), getOwnPropertyDescriptor: () => void touched.push('descriptor') })) as object, // prettier-ignore
    };
    const { stringify } = JSON;
    JSON.stringify = spy('stringify') as never;
    let text: string;
    try {
      text = previewOf(message);
    } finally {
      JSON.stringify = stringify;
    }
    expect(touched).toEqual([]);
    expect(JSON.parse(text)).toMatchObject({
      toJSON: '[Function]',
      list: [1, 2],
      proxy: '[Proxy]',
    });
  });
});
