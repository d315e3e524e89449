import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toAsciiJson } from './ascii-json.ts';

it('is the same value in characters that every inspector session takes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = toAsciiJson(value);
      expect(text).toMatch(/^[ -~]*$/);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  expect(toAsciiJson('→ 😀')).toBe(String.raw`"\u2192 \ud83d\ude00"`);
});
