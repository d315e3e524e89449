import { monotonicNs } from './clock.ts';
import type { PayloadCodec } from './codec.ts';
import {
  countersPerSlot,
  recordHeaderBytes,
  recordKind,
  ringLossReasons,
  RingWriter,
  type RingLossReason,
} from './ring.ts';
import { writeText } from './text.ts';
import type { AnyPayload, EventTypeDescriptor } from './types.ts';

interface RecordedType {
  readonly index: number;
  readonly descriptor: EventTypeDescriptor;
  readonly codec: PayloadCodec;
  /** The ring that has a `define` record of this type. */
  definedIn: SharedArrayBuffer | undefined;
}

/** The one listen that an event is for. */
interface RecordingTap {
  readonly slot: number;
  readonly isLive: boolean;
}

const utf8 = new TextEncoder();
const lossRecordBytes = recordHeaderBytes + 8;
const shortBytes = 1024;

/** Writes events into this thread's ring, whole or not at all, and losses at their place. */
export class Recorder {
  readonly counters: Float64Array;
  readonly #ring: RingWriter;
  /** Losses that the ring has not told yet: slot * reasons + reason → count. */
  readonly #pending: Map<number, number> = new Map();
  #hasPending = false;
  #isWriting = false;

  constructor(buffer: SharedArrayBuffer) {
    this.#ring = new RingWriter(buffer);
    this.counters = this.#ring.counters;
  }

  get buffer(): SharedArrayBuffer {
    return this.#ring.buffer;
  }

  /** Counts one event that matched the listen of this slot. */
  countMatch(slot: number): void {
    const at = slot * countersPerSlot;
    this.counters[at] = (this.counters[at] ?? 0) + 1;
  }

  countMatches(slot: number, count: number): void {
    const at = slot * countersPerSlot;
    this.counters[at] = (this.counters[at] ?? 0) + count;
  }

  countThrottled(slot: number): void {
    const at = slot * countersPerSlot + 2;
    this.counters[at] = (this.counters[at] ?? 0) + 1;
  }

  /**
   * Records one event; the reason when it could not. Plain arguments: an object would be made for
   * each record.
   *
   * @param bytes - upper bound of the body
   * @param set - listen slots that matched
   * @param subjectTid - 0: the thread of this ring
   */
  record(
    type: RecordedType,
    payload: AnyPayload,
    bytes: number,
    set: number,
    timestampNs: number,
    subjectTid: number,
    armId: number,
    stack: string,
  ): RingLossReason | undefined {
    const ring = this.#ring;
    const { data } = ring;
    const bound = recordHeaderBytes + bytes + (stack === '' ? 0 : 8 + stack.length * 3);
    if (bound > data.bytes / 4) return 'too-large';
    // A getter of the payload that posts, while its record is half written.
    if (this.#isWriting) return 're-entry';
    if (this.#hasPending && !this.tellLosses()) return 'ring-full';
    if (type.definedIn !== ring.buffer) {
      const reason = this.#define(type);
      if (reason !== undefined) return reason;
    }
    const at = ring.reserve(bound);
    if (at < 0) return 'ring-full';
    const { u32 } = data;
    const word = at >> 2;
    u32[word + 1] = type.index | (recordKind.event << 16) | (stack === '' ? 0 : 1 << 24);
    u32[word + 2] = set;
    u32[word + 3] = subjectTid;
    data.f64[(at + 16) >> 3] = timestampNs;
    u32[word + 6] = armId;
    let end = at + recordHeaderBytes;
    this.#isWriting = true;
    try {
      end = type.codec.write(payload, data, end, end + bytes);
    } catch {
      return 'bad-payload'; // the room was not published: the next record takes it
    } finally {
      this.#isWriting = false;
    }
    if (stack !== '') {
      const lengthAt = (end + 3) & ~3;
      end = writeText(data, stack, lengthAt, lengthAt + 4, at + bound);
    }
    ring.publish(at, end);
    return undefined;
  }

  /**
   * Records an event that one listen alone matches, and counts it; short records only. False when
   * anything is not as it should be: then nothing has happened. Throws what a getter throws.
   */
  recordAtOnce(type: RecordedType, payload: AnyPayload, tap: RecordingTap, nowNs: number): boolean {
    const ring = this.#ring;
    if (this.#hasPending || this.#isWriting || type.definedIn !== ring.buffer) return false;
    const { data } = ring;
    // A text counts three times its length where records are measured: there this fits a quarter.
    const room = Math.min(shortBytes, data.bytes >> 4);
    const at = ring.peek(room);
    if (at < 0) return false;
    const timestampNs = nowNs < 0 ? monotonicNs() : nowNs;
    const end = type.codec.writeAtOnce(payload, data, at + recordHeaderBytes, at + room);
    // A getter may have ended the listen, or posted: then another record stands in this place.
    if (end < 0 || !tap.isLive || ring.peek(room) !== at) return false;
    const { slot } = tap;
    const { u32 } = data;
    const word = at >> 2;
    u32[word + 1] = type.index | (recordKind.event << 16);
    u32[word + 2] = 1 << slot;
    u32[word + 3] = 0;
    data.f64[(at + 16) >> 3] = timestampNs;
    u32[word + 6] = 0;
    this.countMatch(slot);
    ring.publish(at, end);
    return true;
  }

  /** Counts events as lost for these slots, to be told in band as soon as there is room. */
  lose(set: number, reason: RingLossReason, count: number = 1): void {
    const { counters } = this;
    this.#hasPending = true;
    for (let slot = 0, rest = set; rest !== 0; slot++, rest >>>= 1) {
      if ((rest & 1) === 0) continue;
      const at = slot * countersPerSlot + 1;
      counters[at] = (counters[at] ?? 0) + count;
      const key = slot * ringLossReasons.length + ringLossReasons.indexOf(reason);
      this.#pending.set(key, (this.#pending.get(key) ?? 0) + count);
    }
  }

  /** Writes the losses that were not told yet; false when the ring has no room even for that. */
  tellLosses(): boolean {
    if (this.#isWriting) return false;
    for (const [key, count] of this.#pending) {
      const slot = Math.floor(key / ringLossReasons.length);
      if (!this.#writeLoss(1 << slot, key % ringLossReasons.length, count)) return false;
      this.#pending.delete(key);
    }
    this.#hasPending = false;
    return true;
  }

  #writeLoss(set: number, reason: number, count: number): boolean {
    const ring = this.#ring;
    const at = ring.reserve(lossRecordBytes);
    if (at < 0) return false;
    const word = at >> 2;
    ring.data.u32.fill(0, word + 1, word + 8);
    ring.data.u32[word + 1] = recordKind.loss << 16;
    ring.data.u32[word + 2] = set;
    ring.data.u32[word + 8] = reason;
    ring.data.u32[word + 9] = count;
    ring.publish(at, at + lossRecordBytes);
    return true;
  }

  #define(type: RecordedType): RingLossReason | undefined {
    const ring = this.#ring;
    const json = utf8.encode(JSON.stringify(type.descriptor));
    const bytes = recordHeaderBytes + 4 + json.length;
    if (bytes > ring.data.bytes / 4) return 'too-large';
    const at = ring.reserve(bytes);
    if (at < 0) return 'ring-full';
    ring.data.u32.fill(0, (at >> 2) + 1, (at >> 2) + 8);
    ring.data.u32[(at >> 2) + 1] = type.index | (recordKind.define << 16);
    const lengthAt = at + recordHeaderBytes;
    ring.publish(at, writeText(ring.data, json, lengthAt, lengthAt + 4, at + bytes));
    type.definedIn = ring.buffer;
    return undefined;
  }

  /** Starts the account of a slot anew. */
  resetSlot(slot: number): void {
    this.counters.fill(0, slot * countersPerSlot, (slot + 1) * countersPerSlot);
    for (const key of this.#pending.keys()) {
      if (Math.floor(key / ringLossReasons.length) === slot) this.#pending.delete(key);
    }
  }
}
