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
 * One long function on purpose: V8 must not inline it into the codecs, once for each text. A program
 * under trace does other things between two events, and codecs of 9 kB each come out of the cold.
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
  let at = end;
  if (typeof value === 'string') {
    const { u8 } = data;
    const { length } = value;
    if (end + length > limit) throw new RangeError('a text has grown');
    let from = 0;
    if (length < shortText) {
      for (; from + 4 <= length; from += 4) {
        const a = value.charCodeAt(from);
        const b = value.charCodeAt(from + 1);
        const c = value.charCodeAt(from + 2);
        const d = value.charCodeAt(from + 3);
        if ((a | b | c | d) > 127) break;
        u8[at] = a;
        u8[at + 1] = b;
        u8[at + 2] = c;
        u8[at + 3] = d;
        at += 4;
      }
      for (; from < length; from++) {
        const code = value.charCodeAt(from);
        if (code > 127) break;
        u8[at++] = code;
      }
    }
    if (from < length) {
      const rest = from === 0 ? value : value.slice(from);
      const result = utf8.encodeInto(rest, u8.subarray(at, limit));
      if (result.read < rest.length) throw new RangeError('a text has grown');
      at += result.written;
    }
  } else {
    const length = byteLength(value);
    if (end + length > limit) throw new RangeError('bytes have grown');
    // A view of just that length: a shared buffer may grow in another thread at any moment.
    data.u8.subarray(end, end + length).set(value);
    at += length;
  }
  data.u32[lengthAt >> 2] = at - end;
  return at;
}
