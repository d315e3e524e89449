import { type EventTypeDescriptor, ExtensionEventError, type Subject } from '@extension-events/core'; // prettier-ignore
import {
  createFieldReader,
  createPayloadReader,
  createRecordCheck,
  createStackReader,
  type FieldReader,
  type PayloadReader,
  walkRecords,
} from '@extension-events/core/ring';
import type { EventItem } from './items.ts';

/** How the records of one event type are read. */
export class RecordType {
  readonly descriptor: EventTypeDescriptor;
  /** Event name. */
  readonly name: string;
  /** The field with a stack of its own, of an event that was posted from beside its thread. */
  readonly stackField: string | undefined;
  readonly #readers: Map<string, FieldReader | undefined> = new Map();
  readonly #isWhole: (view: DataView, at: number) => boolean;
  /** The stack that was captured of the poster, if one was. */
  readonly capturedStack: (view: DataView, at: number) => string | undefined;
  /** Reads all fields. */
  readonly payload: PayloadReader;

  /** @internal */
  constructor(descriptor: EventTypeDescriptor) {
    this.descriptor = descriptor;
    this.name = descriptor.name;
    this.stackField = Object.entries(descriptor.fields).find(([, { type }]) => type === 'stack')?.[0]; // prettier-ignore
    this.#isWhole = createRecordCheck(descriptor);
    this.capturedStack = createStackReader(descriptor);
    this.payload = createPayloadReader(descriptor);
  }

  /** Reads this field alone; `undefined`: the type has no such field. */
  field(name: string): FieldReader | undefined {
    if (!this.#readers.has(name)) this.#readers.set(name, createFieldReader(this.descriptor, name));
    return this.#readers.get(name);
  }

  /** The stack that was captured of the poster, else the event's own: frames, one a line. */
  stack(view: DataView, at: number): string | undefined {
    const taken = this.capturedStack(view, at);
    if (taken !== undefined || this.stackField === undefined) return taken;
    const own = this.field(this.stackField)?.(view, at);
    return typeof own === 'string' ? own : undefined;
  }

  /** @internal @throws ExtensionEventError a record that is cut off */
  check(view: DataView, at: number): void {
    if (this.#isWhole(view, at)) return;
    throw new ExtensionEventError('EE_CONNECTION_LOST', `A record of ${this.name} is cut off.`, 'The other side is broken, or is no extension-events peer.'); // prettier-ignore
  }
}

/** Where one record lies; the same object for all records of a visit. */
export interface RawRecord {
  type: RecordType;
  view: DataView;
  at: number;
  tid: number;
  /** CLOCK_MONOTONIC. */
  timestampNs: number;
}

/** What a batch is made of. */
export interface BatchParts {
  readonly pid: number;
  /** Types by their number, as they were defined when the records came. */
  readonly types: ReadonlyMap<number, RecordType>;
  /** Added to a record's own number of its type. */
  readonly typeBase: number;
  /** The thread whose ring the records come from. */
  readonly thread: Subject | undefined;
  readonly byTid: (tid: number) => Subject;
  readonly view: DataView;
  readonly bytes: Uint8Array;
  /** Only records whose set has this bit. */
  readonly bit: number;
  readonly count: number;
  readonly firstSeq: number;
  readonly stackFrames: number;
}

/**
 * Records of one listen as they came from one thread, undecoded: for a consumer that looks at a field
 * or two of very many events. What is kept of it keeps the bytes that were received with it.
 */
export class RecordBatch {
  readonly kind = 'records';
  readonly pid: number;
  /** Records in it. */
  readonly count: number;
  readonly #parts: BatchParts;

  /** @internal */
  constructor(parts: BatchParts) {
    this.#parts = parts;
    this.pid = parts.pid;
    this.count = parts.count;
  }

  /** @internal The same records, their threads known otherwise. */
  placed(place: (subject: Subject) => Subject): RecordBatch {
    const { byTid, thread } = this.#parts;
    return new RecordBatch({
      ...this.#parts,
      byTid: (tid) => place(byTid(tid)),
      thread: thread === undefined ? thread : place(thread),
    });
  }

  /** Visits each record in order; `record` is the same object each time. */
  forEach(visit: (record: RawRecord) => void): void {
    const { bit, bytes, thread, typeBase, types, view } = this.#parts;
    const tid = thread?.tid ?? 0;
    let record: RawRecord | undefined;
    let index = -1;
    let type: RecordType | undefined;
    walkRecords(bytes, (_, at) => {
      if ((view.getUint32(at + 8, true) & bit) === 0) return;
      const number = view.getUint16(at + 4, true);
      if (number !== index) {
        index = number;
        type = types.get(typeBase + number);
      }
      if (type === undefined) return;
      record ??= { type, view, at, tid, timestampNs: 0 };
      record.type = type;
      record.at = at;
      record.tid = view.getUint32(at + 12, true) || tid;
      record.timestampNs = view.getFloat64(at + 16, true);
      visit(record);
    });
  }

  /** Decodes the records of it, `skip` left out at its start. */
  items(skip = 0): EventItem[] {
    const items: EventItem[] = [];
    this.forEachItem((item) => items.push(item), skip);
    return items;
  }

  /** Decodes them one by one. */
  forEachItem(visit: (item: EventItem) => void, skip = 0): void {
    const { byTid, firstSeq, pid, stackFrames, thread } = this.#parts;
    let seq = firstSeq - 1;
    this.forEach(({ type, view, at, tid, timestampNs }) => {
      seq++;
      if (seq - firstSeq < skip) return;
      const subject = tid === thread?.tid || tid === 0 ? thread : byTid(tid);
      const armId = view.getUint32(at + 24, true);
      const stack = stackFrames > 0 ? type.stack(view, at) : undefined;
      const item: EventItem = {
        kind: 'event',
        event: type.name,
        pid,
        tid: subject?.tid ?? 0,
        threadId: subject?.threadId ?? 0,
        timestampNs,
        seq,
        payload: type.payload(view, at),
      };
      const hasStack = stack !== undefined && stack !== '';
      // Spreading costs as much as decoding, and most events have neither.
      if (!hasStack && armId === 0) visit(item);
      else {
        visit({
          ...item,
          ...(hasStack && { stack: stack.split('\n').slice(0, stackFrames) }),
          ...(armId !== 0 && { armId }),
        });
      }
    });
  }
}
