import type { RuntimeValue } from '../expression/checked.ts';
import type { RuntimeFunction } from '../program/functions.ts';

/** What functions need of where they run. */
export interface Surroundings {
  /** UTF-16 units that a text may have. */
  readonly textLimit: number;
  readonly wallMs: () => number;
  /** Ends the script: a text is too long. */
  failText(): never;
}

type Run = (where: Surroundings, ...operands: never[]) => RuntimeValue | undefined;

const { ceil, floor, log2, round, sqrt, trunc } = Math;
const { parseFloat: parseNumber, parseInt: parseInteger } = Number;
const toBig = BigInt;

/**
 * Functions that scripts have beside those of expressions, by the name that the checker puts into
 * the tree. Each is total: it returns for every operand of its types.
 */
export const runtimeFunctions: Readonly<Record<RuntimeFunction, Run>> = {
  str: (_where, value: number | bigint | string | boolean) => String(value),
  int: (_where, text: string) => leadingNumber(text),
  trunc: (_where, x: number) => trunc(x),
  ceil: (_where, x: number) => ceil(x),
  round: (_where, x: number) => round(x),
  sqrt: (_where, x: number | bigint) => sqrt(Number(x)),
  log2: (_where, x: number | bigint) => log2(Number(x)),
  pow: (_where, x: number | bigint, y: number | bigint) => Number(x) ** Number(y),
  replace: (where, text: string, part: string, by: string) => replaceAll(where, text, part, by),
  index_of: (_where, text: string, part: string) => text.indexOf(part),
  trim: (_where, text: string) => text.trim(),
  timestamp_ms: (where) => where.wallMs(),
  time: (where, format: string) => formatTime(where.wallMs(), format),
  fit_u8: (_where, x: number | bigint) => fit(x, 0, 0xff),
  fit_u16: (_where, x: number | bigint) => fit(x, 0, 0xffff),
  fit_u32: (_where, x: number | bigint) => fit(x, 0, 0xffff_ffff),
  fit_u64: (_where, x: number | bigint) => fitBig(x, 0n, 2n ** 64n - 1n),
  fit_i8: (_where, x: number | bigint) => fit(x, -0x80, 0x7f),
  fit_i16: (_where, x: number | bigint) => fit(x, -0x8000, 0x7fff),
  fit_i32: (_where, x: number | bigint) => fit(x, -0x8000_0000, 0x7fff_ffff),
  fit_i64: (_where, x: number | bigint) => fitBig(x, -(2n ** 63n), 2n ** 63n - 1n),
};

/** The number that a text starts with, without its fraction. */
function leadingNumber(text: string): number | undefined {
  const isHex = /^\s*[+-]?0x[0-9a-f]/i.test(text);
  const x = isHex ? parseInteger(text, 16) : parseNumber(text);
  return x - x === 0 ? trunc(x) + 0 : undefined;
}

/** The nearest number of a range, rounded down first. */
function fit(x: number | bigint, low: number, high: number): number {
  const whole = floor(Number(x));
  if (whole >= low) return whole > high ? high : whole + 0;
  return whole < low ? low : 0;
}

function fitBig(x: number | bigint, low: bigint, high: bigint): bigint {
  if (typeof x === 'number' && x - x !== 0) return x > 0 ? high : x < 0 ? low : 0n;
  const whole = typeof x === 'bigint' ? x : toBig(floor(x));
  return whole < low ? low : whole > high ? high : whole;
}

// The length is known before the text is built: a short text may ask for a very long one.
function replaceAll(where: Surroundings, text: string, part: string, by: string): string {
  if (part === '') return text;
  let length = text.length;
  let result = '';
  let from = 0;
  for (;;) {
    const at = text.indexOf(part, from);
    if (at < 0) return result + text.slice(from);
    length += by.length - part.length;
    if (length > where.textLimit + text.length) where.failText();
    result += text.slice(from, at) + by;
    from = at + part.length;
  }
}

/** `%H %M %S %Y %m %d %L` (milliseconds) in local time. */
function formatTime(ms: number, format: string): string {
  const date = new Date(ms);
  const two = (n: number): string => String(n).padStart(2, '0');
  return format.replaceAll(/%([HMSYmdL%])/g, (_, letter: string) => {
    switch (letter) {
      case 'H':
        return two(date.getHours());
      case 'M':
        return two(date.getMinutes());
      case 'S':
        return two(date.getSeconds());
      case 'Y':
        return String(date.getFullYear());
      case 'm':
        return two(date.getMonth() + 1);
      case 'd':
        return two(date.getDate());
      case 'L':
        return String(date.getMilliseconds()).padStart(3, '0');
      default:
        return '%';
    }
  });
}
