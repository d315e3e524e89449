import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hostileText } from './testing/items.ts';
import { toTraceJson } from './trace-json.ts';

const written = (value: unknown): string => toTraceJson(JSON.stringify(value));

it.each([
  ['a\uD800b', 'a\uFFFDb'],
  ['\uDFFF\uD83D', '\uFFFD\uFFFD'],
  ['\\ud800 \\\\ud800', '\\ud800 \\\\ud800'],
  ['\\\uD800', '\\\uFFFD'],
  ['😀 \u00FF \u0000', '😀 \u00FF \u0000'],
])('what is left of a cut pair of surrogates is replaced: %j', (text, expected) => {
  expect(written({ [text]: text })).not.toMatch(/(?<!\\)(\\\\)*\\ud[89a-f]/);
  expect(JSON.parse(written({ [text]: text }))).toEqual({ [expected]: expected });
});

it.each([
  [0.00012345678901234567, '0.00012345678901234567', '1.2345678901234567e-4'],
  [-(2 ** 64), '-18446744073709552000', '-1.8446744073709552e+19'],
  [0.012345678901234567, '0.012345678901234567', '0.012345678901234567'],
  [2 ** 53, '9007199254740992', '9007199254740992'],
  [Number.MAX_VALUE, '1.7976931348623157e+308', '1.7976931348623157e+308'],
])('numbers of many digits are written with an exponent: %s', (number, before, after) => {
  expect(JSON.stringify({ number, '"': [number] })).toContain(before);
  expect(written({ number, '"': [number] })).toBe(`{"number":${after},"\\"":[${after}]}`);
});

it('numbers in text are text', () => {
  const text = '"18446744073709551615", \\"18446744073709551615';
  expect(JSON.parse(written({ text, [text]: 2 ** 70 }))).toEqual({ text, [text]: 2 ** 70 });
});

it('nothing else is changed', () => {
  const value = fc.oneof(hostileText, fc.double(), fc.maxSafeInteger());
  fc.assert(
    fc.property(fc.dictionary(hostileText, value, { noNullPrototype: false }), (payload) => {
      const wellFormed = JSON.stringify(payload).replaceAll(/(?<!\\)((?:\\\\)*)\\ud[89a-f]../g, String.raw`$1\ufffd`); // prettier-ignore
      expect(JSON.parse(written(payload))).toEqual(JSON.parse(wellFormed));
    }),
  );
});

it('a text of megabytes takes no long time', () => {
  const text = `"\\${'x'.repeat(8e6)}9876543210987654321`;
  expect(JSON.parse(written({ text, number: 1e20 }))).toEqual({ text, number: 1e20 });
});
