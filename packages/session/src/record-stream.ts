import type { AnyPayload, Subject } from '@extension-events/core';
import { createDecoder, walkRecords } from '@extension-events/core/ring';
import type { RecordsFrame, ThreadInfo, TypeDefinition } from '@extension-events/protocol';
import type { EventItem } from './items.ts';

interface Decoder {
  readonly name: string;
  readonly decode: ReturnType<typeof createDecoder>;
  /** The field with a stack of its own, of an event that was posted from beside its thread. */
  readonly stackField: string | undefined;
}

/** Where decoded events go; one per listen. */
export interface RecordSink {
  readonly slot: number;
  /** Frames that it asked for; a record may carry more, for somebody else. */
  readonly stackFrames: number;
  nextSeq(thread: number): number;
  accept(item: EventItem): void;
}

/** Turns raw records into events for the listens of one connection. */
export class RecordStream {
  readonly #pid: number;
  readonly #decoders: Map<number, Decoder> = new Map();
  readonly #sinks: (RecordSink | undefined)[] = [];
  /** Listens without an answer: their records may come before it, in a slot that is not known yet. */
  #expected = 0;
  readonly #early: { readonly frame: RecordsFrame; readonly slots: number }[] = [];
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
    const stackField = Object.entries(descriptor.fields).find(
      ([, field]) => field.type === 'stack',
    )?.[0];
    this.#decoders.set(thread * 65_536 + index, {
      name: descriptor.name,
      decode: createDecoder(descriptor),
      stackField,
    });
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
    for (const { frame, slots } of this.#early) this.#deliver(frame, slots & (1 << sink.slot));
    this.abandon();
  }

  remove(sink: RecordSink): void {
    if (this.#sinks[sink.slot] === sink) this.#sinks[sink.slot] = undefined;
  }

  /** Decodes the records of a frame and hands each event to the sinks that it matched. */
  push(frame: RecordsFrame): void {
    if (this.#expected > 0) {
      // Not those of a listen that ends just now: the next one may get its slot.
      const bytes = Uint8Array.from(frame.bytes);
      this.#early.push({ frame: { ...frame, bytes }, slots: ~this.#known });
    }
    this.#deliver(frame, ~0);
  }

  /** The slots that have a listen. */
  get #known(): number {
    return this.#sinks.reduce(
      (set, sink, slot) => (sink === undefined ? set : set | (1 << slot)),
      0,
    );
  }

  #deliver({ thread: key, bytes }: RecordsFrame, slots: number): void {
    const thread = this.#thread(key);
    walkRecords(bytes, (view, at) => {
      const decoder = this.#decoders.get(key * 65_536 + view.getUint16(at + 4, true));
      if (decoder === undefined) return;
      const set = (view.getUint32(at + 8, true) & slots) >>> 0;
      if (set === 0) return;
      const subjectTid = view.getUint32(at + 12, true);
      const timestampNs = view.getFloat64(at + 16, true);
      const armId = view.getUint32(at + 24, true);
      const subject = subjectTid === 0 ? thread : this.#byTid(subjectTid);
      const { payload, stack: taken } = decoder.decode(view, at);
      const stack = taken ?? ownStack(payload, decoder.stackField);
      for (let slot = 0, rest = set; rest !== 0; slot++, rest >>>= 1) {
        const sink = (rest & 1) === 0 ? undefined : this.#sinks[slot];
        if (sink === undefined) continue;
        const item: EventItem = {
          kind: 'event',
          event: decoder.name,
          pid: this.#pid,
          tid: subject?.tid ?? 0,
          threadId: subject?.threadId ?? 0,
          timestampNs,
          seq: sink.nextSeq(key),
          payload,
        };
        const { stackFrames } = sink;
        const hasStack = stackFrames > 0 && stack !== undefined && stack !== '';
        // Spreading costs as much as decoding, and most events have neither.
        if (!hasStack && armId === 0) sink.accept(item);
        else {
          sink.accept({
            ...item,
            ...(hasStack && { stack: stack.split('\n').slice(0, stackFrames) }),
            ...(armId !== 0 && { armId }),
          });
        }
      }
    });
  }
}

function ownStack(payload: AnyPayload, field: string | undefined): string | undefined {
  const stack = field === undefined ? undefined : payload[field];
  return typeof stack === 'string' ? stack : undefined;
}
