import { expect, it } from 'vitest';
import { parseFormat } from '../program/formats.ts';
import type { FormatPart } from '../program/checked.ts';
import { formatText } from './format.ts';

function format(text: string, ...operands: readonly unknown[]): string {
  return formatText(parseFormat(text) as readonly FormatPart[], operands as never[]);
}

it.each([
  ['%d', [2.9], '2'],
  ['%d', [-2.9], '-2'],
  ['%d', [-0.5], '0'],
  ['%d', [18446744073709551615n], '18446744073709551615'],
  ['%d', [2 ** 70], '1180591620717411303424'],
  ['%d', [Number.NaN], 'NaN'],
  ['%lld %-6lu| %zx', [7n, 42, 255], '7 42    | ff'],
  ['%x', [255], 'ff'],
  ['%x', [-255], '-ff'],
  ['%o', [8], '10'],
  ['%05d', [42], '00042'],
  ['%05d', [-42], '-0042'],
  ['%05d', [Number.POSITIVE_INFINITY], 'Infinity'],
  ['%-5d|', [42], '42   |'],
  ['%.2f', [2.555], '2.56'],
  ['%f', [3n], '3.000000'],
  ['%e', [1234.5], '1.234500e+3'],
  ['%.3s|', ['abcdef'], 'abc|'],
  ['%6s|%-6s|', ['ab', true], '    ab|true  |'],
  ['%s %5d|', [undefined, undefined], '-     -|'],
  ['100%%', [], '100%'],
])('%s of %o is %s', (text, operands, expected) => {
  expect(format(text, ...operands)).toBe(expected);
});
