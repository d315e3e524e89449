/** Strings and bytes on their way into a record. */
import type { RingData } from './ring.ts';

const utf8 = new TextEncoder();
// Below this length a loop beats the call into the encoder.
const shortText = 48;

// A subclass may answer anything for `length`; this getter tells how many bytes `set` will copy.
// oxlint-disable-next-line typescript/unbound-method -- called with a receiver below
const lengthGetter = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  'length',
)?.get as (this: Uint8Array) => number;

/** The number of bytes of an array, whatever its class says. */
export function byteLength(bytes: Uint8Array): number {
  return lengthGetter.call(bytes);
}

/**
 * Writes text or bytes at `end` and their length in bytes at `lengthAt`; returns the new end.
 *
 * @throws RangeError when they do not fit below `limit`, TypeError when they are neither
 */
export function writeText(
  data: RingData,
  value: string | Uint8Array,
  lengthAt: number,
  end: number,
  limit: number,
): number {
  const written =
    typeof value === 'string'
      ? writeString(data.u8, value, end, limit)
      : writeBytes(data.u8, value, end, limit);
  data.u32[lengthAt >> 2] = written;
  return end + written;
}

function writeString(u8: Uint8Array, value: string, end: number, limit: number): number {
  const { length } = value;
  if (end + length > limit) throw new RangeError('a text has grown');
  let written = 0;
  if (length < shortText) {
    for (; written < length; written++) {
      const code = value.charCodeAt(written);
      if (code > 127) break;
      u8[end + written] = code;
    }
    if (written === length) return written;
  }
  const rest = written === 0 ? value : value.slice(written);
  const result = utf8.encodeInto(rest, u8.subarray(end + written, limit));
  if (result.read < rest.length) throw new RangeError('a text has grown');
  return written + result.written;
}

function writeBytes(u8: Uint8Array, value: Uint8Array, end: number, limit: number): number {
  const length = byteLength(value);
  if (end + length > limit) throw new RangeError('bytes have grown');
  // A view of just that length: a shared buffer may grow in another thread at any moment.
  u8.subarray(end, end + length).set(value);
  return length;
}
