import type { PredicateContext } from '@extension-events/core';
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

type Run = (where: Surroundings, context: PredicateContext, ...operands: never[]) => RuntimeValue;

const { ceil, log2, round, sqrt, trunc } = Math;

/**
 * Functions that scripts have beside those of expressions, by the name that the checker puts into
 * the tree. Each is total: it returns for every operand of its types.
 */
export const runtimeFunctions: Readonly<Record<RuntimeFunction, Run>> = {
  str: (_where, _context, value: number | bigint | string | boolean) => String(value),
  int: (_where, _context, value: number | string | boolean) => toWhole(value),
  ceil: (_where, _context, x: number) => ceil(x),
  round: (_where, _context, x: number) => round(x),
  sqrt: (_where, _context, x: number | bigint) => sqrt(Number(x)),
  log2: (_where, _context, x: number | bigint) => log2(Number(x)),
  pow: (_where, _context, x: number | bigint, y: number | bigint) => Number(x) ** Number(y),
  replace: (where, _context, text: string, part: string, by: string) =>
    replaceAll(where, text, part, by),
  index_of: (_where, _context, text: string, part: string) => text.indexOf(part),
  trim: (_where, _context, text: string) => text.trim(),
  timestamp_ms: (_where, { timestampNs }) => timestampNs / 1e6,
  time: (where, _context, format: string) => formatTime(where.wallMs(), format),
};

/** A value as a whole number, cut at its point; 0 when it is none. */
function toWhole(value: number | string | boolean): number {
  const x = typeof value === 'string' && value.trim() === '' ? 0 : Number(value);
  return x - x === 0 ? trunc(x) + 0 : 0;
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

function two(n: number): string {
  return String(n).padStart(2, '0');
}

/** `%H %M %S %Y %m %d %L` (milliseconds) in local time. */
function formatTime(ms: number, format: string): string {
  const date = new Date(ms);
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
