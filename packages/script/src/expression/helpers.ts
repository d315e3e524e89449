import { expressionLimits } from './limits.ts';

/** An `int` as a bigint; sums and remainders that left the finite numbers count as 0. */
function toBig(x: number): bigint {
  return Number.isFinite(x) ? BigInt(Math.trunc(x)) : 0n;
}

function areUnsigned32(a: number, b: number): boolean {
  return a >>> 0 === a && b >>> 0 === b;
}

// Shifts are bounded, so that a count from a payload cannot ask for a bigint of gigabytes.
function isShift(places: number): boolean {
  return places >= 0 && places <= 63;
}

/**
 * What a template is too small for; templates name these as `h.…`, and closures call them too. Each
 * is total: it returns for every operand of its types and never throws.
 */
export const helpers = {
  toBig: (x: number): bigint => toBig(x),
  toFloat: (x: bigint): number => Number(x),

  // JS cuts the operands of its bit operators to 32 signed bits: `flags & 0x80000000` would be
  // negative and `1 << 40` would be 256.
  and: (a: number, b: number): number =>
    areUnsigned32(a, b) ? (a & b) >>> 0 : Number(toBig(a) & toBig(b)),
  or: (a: number, b: number): number =>
    areUnsigned32(a, b) ? (a | b) >>> 0 : Number(toBig(a) | toBig(b)),
  xor: (a: number, b: number): number =>
    areUnsigned32(a, b) ? (a ^ b) >>> 0 : Number(toBig(a) ^ toBig(b)),
  shiftLeft: (x: number, places: number): number =>
    isShift(places) ? x * 2 ** Math.trunc(places) : 0,
  shiftRight: (x: number, places: number): number =>
    isShift(places) ? Math.floor(x / 2 ** Math.trunc(places)) : 0,
  shiftLeftBig: (x: bigint, places: number): bigint => (isShift(places) ? x << toBig(places) : 0n),
  shiftRightBig: (x: bigint, places: number): bigint => (isShift(places) ? x >> toBig(places) : 0n),

  remainderBig: (x: bigint, divisor: bigint): bigint => (divisor === 0n ? 0n : x % divisor),
  abs: (x: number): number => Math.abs(x),
  absBig: (x: bigint): bigint => (x < 0n ? -x : x),
  min: (a: number, b: number): number => Math.min(a, b),
  minBig: (a: bigint, b: bigint): bigint => (b < a ? b : a),
  max: (a: number, b: number): number => Math.max(a, b),
  maxBig: (a: bigint, b: bigint): bigint => (b > a ? b : a),
  floor: (x: number): number => Math.floor(x),

  substring: (text: string, from: number, length: number = Infinity): string => {
    const start = Math.max(0, from);
    // slice, not substring: that would swap its arguments when the length is not a number.
    return text.slice(start, start + Math.max(0, length));
  },
  clip: (subject: string): string => {
    const { maxSubjectLength } = expressionLimits;
    return subject.length > maxSubjectLength ? subject.slice(0, maxSubjectLength) : subject;
  },
  /** A field whose name every object inherits: `constructor` counts only as the payload's own. */
  own: (payload: Readonly<Record<string, unknown>>, name: string): unknown =>
    Object.hasOwn(payload, name) ? payload[name] : undefined,
} as const;
