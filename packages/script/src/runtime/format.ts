import type { FormatPart } from '../program/checked.ts';

type Conversion = Exclude<FormatPart, string>;
type Operand = number | bigint | string | boolean | undefined;

const maxWidth = 1024;
const maxPrecision = 100;
const { min, trunc } = Math;

/** Fills a format in; an operand that is absent reads `-`. */
export function formatText(parts: readonly FormatPart[], operands: readonly Operand[]): string {
  let text = '';
  let next = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (part === undefined) continue;
    if (typeof part === 'string') text += part;
    else text += pad(part, operands[next++]);
  }
  return text;
}

function pad(part: Conversion, operand: Operand): string {
  const width = min(part.width, maxWidth);
  if (operand === undefined) return part.isLeft ? '-'.padEnd(width) : '-'.padStart(width);
  const text = convert(part, operand);
  if (part.isLeft) return text.padEnd(width);
  // Zeros go between the sign and the digits, and never before a word such as NaN.
  if (!part.hasZeros || !/^-?\d/.test(text)) return text.padStart(width);
  return text.startsWith('-')
    ? `-${text.slice(1).padStart(width - 1, '0')}`
    : text.padStart(width, '0');
}

function convert(
  { conversion, precision }: Conversion,
  operand: Exclude<Operand, undefined>,
): string {
  // prettier-ignore
  if (conversion === 's') {
    const text = String(operand);
    return precision === undefined ? text : text.slice(0, precision);
  }
  const digits = min(precision ?? 6, maxPrecision);
  if (conversion === 'f') return finite(operand) ?? Number(operand).toFixed(digits);
  if (conversion === 'e') return finite(operand) ?? Number(operand).toExponential(digits);
  return finite(operand) ?? whole(operand).toString(conversion === 'd' ? 10 : conversion === 'x' ? 16 : 8); // prettier-ignore
}

/** The word for a number that has no digits. */
function finite(operand: Exclude<Operand, undefined>): string | undefined {
  const value = typeof operand === 'bigint' ? 0 : Number(operand);
  return value - value === 0 ? undefined : String(value);
}

// A double from 2^53 on has digits of its own only as a bigint.
function whole(operand: Exclude<Operand, undefined>): bigint | number {
  if (typeof operand === 'bigint') return operand;
  const value = trunc(Number(operand)) + 0;
  return Number.isSafeInteger(value) ? value : BigInt(value);
}
