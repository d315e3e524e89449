/**
 * The record ring: one per thread, one writer (the posting thread), one reader (the agent thread).
 *
 * A shared buffer of Int32 header words, Float64 counters of the recorded listens, and a data part
 * whose size is a power of two. `head` and `tail` count bytes modulo 2^32. The writer fills a
 * record, then publishes `head` with Atomics.exchange; the reader copies, then publishes `tail`.
 * Records are multiples of 8 bytes and never wrap: a `pad` record fills the end.
 *
 * Heads are multiples of 8, so bit 0 of that word is free for the doorbell: a reader that goes to
 * sleep on the word sets it, and the writer's next exchange both takes it away and sees it, in one
 * atomic step and without a second look at shared memory for each record.
 *
 * | word | holds | written by |
 * | --- | --- | --- |
 * | 0, 1 | magic, layout version | writer, once |
 * | 2 | bytes of the data part | writer, once |
 * | 3 | head; bit 0: the reader sleeps on this word | writer; the reader sets bit 0 |
 * | 4 | tail | reader |
 * | 5 | 1: the reader naps on this word | reader; the writer clears it |
 *
 * A reader that has just found records naps for a while, so that the next ones come to it together;
 * the writer wakes it from that only when half of the ring is full.
 *
 * Byte 64: per listen slot four Float64: matched, lost, throttled, spare; written by the thread
 * alone and readable at any time, also after it has ended.
 *
 * Record header (32 bytes), body after it (see layout.ts):
 *
 * | byte | type | holds |
 * | --- | --- | --- |
 * | 0 | u32 | bytes of the whole record |
 * | 4 | u16 | event type index |
 * | 6 | u8 | {@link recordKind} |
 * | 7 | u8 | 1: a stack follows the body (u32 length, UTF-8, at its end) |
 * | 8 | u32 | bit set of the listen slots that matched |
 * | 12 | u32 | subject tid; 0 = the thread of this ring |
 * | 16 | f64 | timestampNs, CLOCK_MONOTONIC |
 * | 24 | u32 | armId; 0 = none |
 * | 28 | u32 | presence of optional fields |
 *
 * A `define` record's body is u32 length and the descriptor as JSON; it precedes the first record
 * of its type. A `loss` record's is u32 reason and u32 count, for the one slot in its set.
 */
import { layoutVersion } from './flags.ts';

export const ringMagic = 0x45_45_52_31;
export const ringWord = { magic: 0, layout: 1, bytes: 2, head: 3, tail: 4, nap: 5 } as const;
export const sleeperBit = 1;
export const listenSlots = 32;
export const counterOffset = 64;
export const countersPerSlot = 4;
export const dataOffset: number = counterOffset + listenSlots * countersPerSlot * 8;
export const recordHeaderBytes = 32;
export const recordKind = { pad: 0, event: 1, define: 2, loss: 3 } as const;

/** Reasons of `loss` records; the number is the index. */
export const ringLossReasons = [
  'ring-full',
  'bad-payload',
  'too-large',
  're-entry',
  'predicate-failed',
] as const;
export type RingLossReason = (typeof ringLossReasons)[number];
/** Events for listeners of this thread may be lost as well, before their safe point. */
export type LossReason = RingLossReason | 'queue-full';

const minRingBytes = 4096;
const maxRingBytes = 2 ** 30;

/**
 * Makes the shared buffer of a ring.
 *
 * @param bytes - of its data part: a power of two, 4 kB to 1 GB. A record may take a quarter of it.
 * @throws RangeError
 */
export function createRingBuffer(bytes: number): SharedArrayBuffer {
  if (!(bytes >= minRingBytes && bytes <= maxRingBytes && Number.isInteger(Math.log2(bytes)))) {
    throw new RangeError(`a ring of ${bytes} bytes: it takes a power of two from ${minRingBytes}`);
  }
  const buffer = new SharedArrayBuffer(dataOffset + bytes);
  const words = new Int32Array(buffer, 0, 16);
  words[ringWord.layout] = layoutVersion;
  words[ringWord.bytes] = bytes;
  Atomics.store(words, ringWord.magic, ringMagic);
  return buffer;
}

/** Typed views of the data part, all from its first byte. */
export class RingData {
  readonly bytes: number;
  readonly u8: Uint8Array<SharedArrayBuffer>;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i8: Int8Array;
  readonly i16: Int16Array;
  readonly i32: Int32Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly u64: BigUint64Array;
  readonly i64: BigInt64Array;

  constructor(buffer: SharedArrayBuffer) {
    const bytes = buffer.byteLength - dataOffset;
    this.bytes = bytes;
    this.u8 = new Uint8Array(buffer, dataOffset, bytes);
    this.u16 = new Uint16Array(buffer, dataOffset, bytes / 2);
    this.u32 = new Uint32Array(buffer, dataOffset, bytes / 4);
    this.i8 = new Int8Array(buffer, dataOffset, bytes);
    this.i16 = new Int16Array(buffer, dataOffset, bytes / 2);
    this.i32 = new Int32Array(buffer, dataOffset, bytes / 4);
    this.f32 = new Float32Array(buffer, dataOffset, bytes / 4);
    this.f64 = new Float64Array(buffer, dataOffset, bytes / 8);
    this.u64 = new BigUint64Array(buffer, dataOffset, bytes / 8);
    this.i64 = new BigInt64Array(buffer, dataOffset, bytes / 8);
  }
}

/** The posting thread's side of a ring. */
export class RingWriter {
  readonly buffer: SharedArrayBuffer;
  readonly data: RingData;
  /** Four numbers per listen slot; see the head of the file. */
  readonly counters: Float64Array;
  readonly #words: Int32Array<SharedArrayBuffer>;
  #head: number;
  #tail: number; // the last tail seen; looked up again only when half of it seems full

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.data = new RingData(buffer);
    this.counters = new Float64Array(buffer, counterOffset, listenSlots * countersPerSlot);
    this.#words = new Int32Array(buffer, 0, 16);
    this.#head = (this.#words[ringWord.head] ?? 0) & ~sleeperBit;
    this.#tail = Atomics.load(this.#words, ringWord.tail);
  }

  /** Finds room for a record of at most `bytes`; its byte offset in the data part, or -1 when full. */
  reserve(bytes: number): number {
    const { data } = this;
    const room = (bytes + 7) & ~7;
    const at = this.#head & (data.bytes - 1);
    const pad = at + room > data.bytes ? data.bytes - at : 0;
    if (!this.#fits(pad + room)) return -1;
    if (pad === 0) return at;
    data.u32[at >> 2] = pad;
    data.u32[(at >> 2) + 1] = recordKind.pad << 16;
    this.#head = (this.#head + pad) | 0;
    return 0;
  }

  /**
   * The place of the next record, if so many bytes are free there in one piece; else -1, also when
   * that would take a closer look. Nothing is changed.
   */
  peek(bytes: number): number {
    const { data } = this;
    const at = this.#head & (data.bytes - 1);
    if (at + bytes > data.bytes) return -1;
    return ((this.#head - this.#tail) >>> 0) + bytes <= data.bytes / 2 ? at : -1;
  }

  #fits(bytes: number): boolean {
    const half = this.data.bytes / 2;
    if (((this.#head - this.#tail) >>> 0) + bytes <= half) return true;
    this.#tail = Atomics.load(this.#words, ringWord.tail);
    const needed = ((this.#head - this.#tail) >>> 0) + bytes;
    if (needed > half) this.#endNap();
    return needed <= this.data.bytes;
  }

  #endNap(): void {
    if (Atomics.load(this.#words, ringWord.nap) === 0) return;
    Atomics.store(this.#words, ringWord.nap, 0);
    Atomics.notify(this.#words, ringWord.nap);
  }

  /** Publishes the record at `at`, which ends before `end`, and wakes the reader if it sleeps. */
  publish(at: number, end: number): void {
    const size = (end - at + 7) & ~7;
    this.data.u32[at >> 2] = size;
    this.#head = (this.#head + size) | 0;
    const before = Atomics.exchange(this.#words, ringWord.head, this.#head);
    if ((before & sleeperBit) !== 0) Atomics.notify(this.#words, ringWord.head);
  }
}
