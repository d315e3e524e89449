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
    if (length < shortText && end + length * 3 <= limit) {
      for (let i = 0; i < length; i++) {
        let code = value.charCodeAt(i);
        if (code < 0x80) {
          u8[at++] = code;
          continue;
        }
        if (code < 0x800) u8[at++] = 0xc0 | (code >> 6);
        else {
          if ((code & 0xf800) === 0xd800) {
            const low = code < 0xdc00 && i + 1 < length ? value.charCodeAt(i + 1) : 0;
            const isPair = (low & 0xfc00) === 0xdc00;
            code = isPair ? 0x1_00_00 + ((code & 0x3ff) << 10) + (low & 0x3ff) : 0xfffd;
            if (isPair) i++;
          }
          if (code < 0x1_00_00) u8[at++] = 0xe0 | (code >> 12);
          else {
            u8[at++] = 0xf0 | (code >> 18);
            u8[at++] = 0x80 | ((code >> 12) & 0x3f);
          }
          u8[at++] = 0x80 | ((code >> 6) & 0x3f);
        }
        u8[at++] = 0x80 | (code & 0x3f);
      }
    } else {
      const result = utf8.encodeInto(value, u8.subarray(at, limit));
      if (result.read < length) throw new RangeError('a text has grown');
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
