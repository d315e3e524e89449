import type { PayloadCodec } from './codec.ts';
import {
  countersPerSlot,
  recordHeaderBytes,
  recordKind,
  ringLossReasons,
  RingWriter,
  type RingLossReason,
} from './ring.ts';
import { writeText } from './codec.ts';
import type { AnyPayload, EventTypeDescriptor } from './types.ts';

interface RecordedType {
  readonly index: number;
  readonly descriptor: EventTypeDescriptor;
  readonly codec: PayloadCodec;
}

const utf8 = new TextEncoder();

/** Writes events into this thread's ring, whole or not at all, and losses at their place. */
export class Recorder {
  readonly #ring: RingWriter;
  /** Losses that the ring has not told yet: slot * reasons + reason → count. */
  readonly #pending: Map<number, number> = new Map();

  constructor(buffer: SharedArrayBuffer) {
    this.#ring = new RingWriter(buffer);
  }

  get counters(): Float64Array {
    return this.#ring.counters;
  }

  get buffer(): SharedArrayBuffer {
    return this.#ring.buffer;
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
    const bound = recordHeaderBytes + bytes + (stack === '' ? 0 : 8 + stack.length * 3);
    if (bound > ring.data.bytes / 4) return 'too-large';
    if (this.#pending.size > 0 && !this.#tellLosses()) return 'ring-full';
    if (!ring.defined.has(type.index) && !this.#define(type)) return 'ring-full';
    const at = ring.reserve(bound);
    if (at < 0) return 'ring-full';
    const { data } = ring;
    const word = at >> 2;
    data.u32[word + 1] = type.index | (recordKind.event << 16) | (stack === '' ? 0 : 1 << 24);
    data.u32[word + 2] = set;
    data.u32[word + 3] = subjectTid;
    data.f64[(at + 16) >> 3] = timestampNs;
    data.u32[word + 6] = armId;
    let end = type.codec.write(payload, data, at + recordHeaderBytes);
    if (stack !== '') {
      const lengthAt = (end + 3) & ~3;
      end = writeText(data, stack, lengthAt, lengthAt + 4);
    }
    ring.publish(at, end);
    return undefined;
  }

  /** Counts one event as lost for these slots, to be told in band as soon as there is room. */
  lose(set: number, reason: RingLossReason): void {
    const { counters } = this.#ring;
    for (let slot = 0; set !== 0; slot++, set >>>= 1) {
      if ((set & 1) === 0) continue;
      const at = slot * countersPerSlot + 1;
      counters[at] = (counters[at] ?? 0) + 1;
      const key = slot * ringLossReasons.length + ringLossReasons.indexOf(reason);
      this.#pending.set(key, (this.#pending.get(key) ?? 0) + 1);
    }
  }

  /** Writes what is pending; false when the ring has no room even for that. */
  #tellLosses(): boolean {
    for (const [key, count] of this.#pending) {
      const slot = Math.floor(key / ringLossReasons.length);
      if (!this.#writeLoss(1 << slot, key % ringLossReasons.length, count)) return false;
      this.#pending.delete(key);
    }
    return true;
  }

  #writeLoss(set: number, reason: number, count: number): boolean {
    const ring = this.#ring;
    const at = ring.reserve(recordHeaderBytes + 8);
    if (at < 0) return false;
    const word = at >> 2;
    ring.data.u32[word + 1] = recordKind.loss << 16;
    ring.data.u32[word + 2] = set;
    ring.data.u32[word + 8] = reason;
    ring.data.u32[word + 9] = count;
    ring.publish(at, at + recordHeaderBytes + 8);
    return true;
  }

  #define(type: RecordedType): boolean {
    const ring = this.#ring;
    const json = utf8.encode(JSON.stringify(type.descriptor));
    const at = ring.reserve(recordHeaderBytes + 4 + json.length);
    if (at < 0) return false;
    ring.data.u32[(at >> 2) + 1] = type.index | (recordKind.define << 16);
    const end = writeText(ring.data, json, at + recordHeaderBytes, at + recordHeaderBytes + 4);
    ring.publish(at, end);
    ring.defined.add(type.index);
    return true;
  }

  /** The slot of a type is used again: its next record needs a new definition. */
  forget(index: number): void {
    this.#ring.defined.delete(index);
  }

  /** Starts the counters of a slot anew. */
  resetSlot(slot: number): void {
    this.#ring.counters.fill(0, slot * countersPerSlot, (slot + 1) * countersPerSlot);
  }
}
