import type { Subject } from '@extension-events/core';
import { walkRecords } from '@extension-events/core/ring';
import type { RecordsFrame, ThreadInfo, TypeDefinition } from '@extension-events/protocol';
import { RecordBatch, RecordType } from './record-batch.ts';

/** Where records go; one per listen. */
export interface RecordSink {
  readonly slot: number;
  /** Frames that it asked for; a record may carry more, for somebody else. */
  readonly stackFrames: number;
  /** Gives numbers to so many events of a thread; returns the first. */
  takeSeqs(thread: number, count: number): number;
  accept(batch: RecordBatch): void;
}

const typesOfThread = 65_536;

/** Sorts raw records into batches for the listens of one connection. */
export class RecordStream {
  readonly #pid: number;
  /** Replaced, never changed: a batch reads its records with the types of its time. */
  #types: ReadonlyMap<number, RecordType> = new Map();
  readonly #sinks: (RecordSink | undefined)[] = [];
  /** Listens without an answer: their records may come before it, in a slot that is not known yet. */
  #expected = 0;
  readonly #early: { readonly frame: RecordsFrame; readonly slots: number; readonly types: ReadonlyMap<number, RecordType> }[] = []; // prettier-ignore
  readonly #thread: (key: number) => ThreadInfo | undefined;
  readonly #byTid: (tid: number) => Subject;

  constructor(
    pid: number,
    thread: (key: number) => ThreadInfo | undefined,
    byTid: (tid: number) => Subject,
  ) {
    this.#pid = pid;
    this.#thread = thread;
    this.#byTid = byTid;
  }

  define({ thread, index, descriptor }: TypeDefinition): void {
    const types = new Map(this.#types);
    types.set(thread * typesOfThread + index, new RecordType(descriptor));
    this.#types = types;
  }

  /** A listen was asked for; `add` or `abandon` follows. */
  expect(): void {
    this.#expected++;
  }

  /** It was refused. */
  abandon(): void {
    if (--this.#expected === 0) this.#early.length = 0;
  }

  /** It has a slot: what came early for it is delivered now, before anything later. */
  add(sink: RecordSink): void {
    this.#sinks[sink.slot] = sink;
    for (const { frame, slots, types } of this.#early) this.#deliver(frame, slots & (1 << sink.slot), types); // prettier-ignore
    this.abandon();
  }

  remove(sink: RecordSink): void {
    if (this.#sinks[sink.slot] === sink) this.#sinks[sink.slot] = undefined;
  }

  /** Hands the records of a frame to the sinks that they matched. */
  push(frame: RecordsFrame): void {
    if (this.#expected > 0) {
      // Not those of a listen that ends just now: the next one may get its slot.
      const bytes = Uint8Array.from(frame.bytes);
      this.#early.push({ frame: { ...frame, bytes }, slots: ~this.#known, types: this.#types });
    }
    this.#deliver(frame, ~0, this.#types);
  }

  /** The slots that have a listen. */
  get #known(): number {
    return this.#sinks.reduce(
      (set, sink, slot) => (sink === undefined ? set : set | (1 << slot)),
      0,
    );
  }

  /** @param types - as they were when the frame came: a type may have been defined anew since */
  #deliver(
    { thread: key, bytes }: RecordsFrame,
    slots: number,
    types: ReadonlyMap<number, RecordType>,
  ): void {
    const typeBase = key * typesOfThread;
    const counts = new Uint32Array(this.#sinks.length);
    let index = -1;
    let type: RecordType | undefined;
    walkRecords(bytes, (view, at) => {
      const number = view.getUint16(at + 4, true);
      if (number !== index) {
        index = number;
        type = types.get(typeBase + number);
      }
      if (type === undefined) return;
      type.check(view, at);
      const set = (view.getUint32(at + 8, true) & slots) >>> 0;
      for (let slot = 0, rest = set; rest !== 0; slot++, rest >>>= 1)
        if ((rest & 1) !== 0 && slot < counts.length) counts[slot] = (counts[slot] ?? 0) + 1;
    });
    const thread = this.#thread(key);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const [slot, count] of counts.entries()) {
      const sink = count === 0 ? undefined : this.#sinks[slot];
      if (sink === undefined) continue;
      const { stackFrames } = sink;
      sink.accept(new RecordBatch({ pid: this.#pid, types, typeBase, thread, byTid: this.#byTid, view, bytes, bit: 1 << slot, count, firstSeq: sink.takeSeqs(key, count), stackFrames })); // prettier-ignore
    }
  }
}
