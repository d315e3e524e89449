import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { joinKey, keepText, makeKey, readKey, splitKey, tellKey } from './keys.ts';
import { global } from './testing/trees.ts';

const part = fc.oneof(
  fc.oneof(fc.integer(), fc.double()).map((value) => ['number', value + 0] as const),
  fc.string({ unit: 'binary', maxLength: 5 }).map((value) => ['string', value] as const),
  fc.constantFrom('1:', ':', '3:a', 'true', '0').map((value) => ['string', value] as const),
  fc.boolean().map((value) => ['bool', value] as const),
);

it('gives the parts of a key back, here and over JSON', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (list) => {
      const of = global(
        'm',
        'number',
        list.map(([type]) => type),
      );
      const parts = list.map(([, value]) => value);
      const key = makeKey(parts);
      expect(splitKey(of, key)).toEqual(parts);
      expect(readKey(of, JSON.parse(JSON.stringify(tellKey(of, key))) as typeof parts)).toBe(key);
    }),
  );
});

it('has different keys for different parts', () => {
  expect(joinKey('a', 'bc')).not.toBe(joinKey('ab', 'c'));
  expect(joinKey('1', ':a')).not.toBe(joinKey('1:', 'a'));
});

it('copies a text without changing it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      expect(keepText(text)).toBe(text);
    }),
  );
  expect(keepText(`\ud800 alone ${'x'.repeat(20)}`)).toBe(`\ud800 alone ${'x'.repeat(20)}`);
});
