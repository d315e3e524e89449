/** Reads records that left their ring as raw bytes (layout: ring.ts and layout.ts). Pure. */
import { type BodyLayout, layOutFields, type Slot } from './layout.ts';
import { recordHeaderBytes, recordKind } from './ring.ts';
import type { AnyPayload, EventTypeDescriptor, FieldType, FieldValue } from './types.ts';

/** The header of one record and where it lies. */
export interface DecodedRecord {
  readonly at: number;
  readonly bytes: number;
  readonly typeIndex: number;
  readonly kind: number;
  readonly hasStack: boolean;
  readonly set: number;
  readonly subjectTid: number;
  readonly timestampNs: number;
  readonly armId: number;
}

/**
 * Calls `visit` with the place of each whole record.
 *
 * @returns the offset where the bytes stop making sense: their length when all is well
 */
export function walkRecords(
  bytes: Uint8Array,
  visit: (view: DataView, at: number, size: number) => void,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + 8 <= bytes.length) {
    const size = view.getUint32(at, true);
    if (size < 8 || size % 8 !== 0 || at + size > bytes.length) return at;
    if (view.getUint8(at + 6) !== recordKind.pad) {
      if (size < recordHeaderBytes) return at;
      visit(view, at, size);
    }
    at += size;
  }
  return at;
}

/** Reads the header at a place that {@link walkRecords} gave. */
export function recordAt(view: DataView, at: number): DecodedRecord {
  return {
    at,
    bytes: view.getUint32(at, true),
    typeIndex: view.getUint16(at + 4, true),
    kind: view.getUint8(at + 6),
    hasStack: view.getUint8(at + 7) === 1,
    set: view.getUint32(at + 8, true),
    subjectTid: view.getUint32(at + 12, true),
    timestampNs: view.getFloat64(at + 16, true),
    armId: view.getUint32(at + 24, true),
  };
}

/** Reads all fields of a record. */
export type PayloadReader = (view: DataView, at: number) => AnyPayload;

/**
 * Makes the reader of one event type's payloads. It throws a RangeError on a record that is cut off.
 *
 * For each set of optional fields that turns up a function is made from fixed templates, slot
 * numbers and JSON-escaped field names, as in codec.ts: an object that is written down at once is
 * cheaper than one that grows field by field.
 */
export function createPayloadReader(descriptor: EventTypeDescriptor): PayloadReader {
  const layout = layOutFields(descriptor.name, descriptor.fields);
  const texts = layout.slots.map((slot) => (slot.isText ? createTextReader(slot) : undefined));
  const optional = layout.slots.reduce((mask, { bit, optional: is }) => (is ? mask | (1 << bit) : mask), 0); // prettier-ignore
  const readers = new Map<number, PayloadReader>();
  let last = -1;
  let read: PayloadReader | undefined;
  return (view, at) => {
    const present = view.getUint32(at + 28, true) & optional;
    if (read === undefined || present !== last) {
      read = readers.get(present);
      if (read === undefined) {
        read = makePayloadReader(layout, texts, present, readers.size < maxReaders);
        if (readers.size < maxReaders) readers.set(present, read);
      }
      last = present;
    }
    return read(view, at);
  };
}

// Of sets of optional fields of one type; a hostile peer could send them all.
const maxReaders = 32;

function makePayloadReader({ slots, fixedBytes }: BodyLayout, texts: readonly (TextReader | undefined)[], present: number, isCompiled: boolean): PayloadReader {
  const own = slots.filter(({ bit, optional }) => !optional || (present & (1 << bit)) !== 0);
  if (isCompiled) {
    const fields = own.map((slot) => `${JSON.stringify(slot.name)}:${readingOf(slot)}`);
    try {
      // Fixed templates, numbers and JSON-escaped names only: nothing of it is text from outside.
      // oxlint-disable-next-line typescript/no-implied-eval
      const make = new Function('texts', `'use strict';${own.map(({ bit }) => `const t${bit}=texts[${bit}];`).join('')}return(v,at)=>{const b=at+${recordHeaderBytes};let e=b+${fixedBytes},n=0;return{${fields.join(',')}}}\n//# sourceURL=extension-events:decoder`); // prettier-ignore
      return make(texts) as PayloadReader;
    } catch {
      // Code generation is disallowed.
    }
  }
  return (view, at) => {
    const body = at + recordHeaderBytes;
    const payload: Record<string, FieldValue> = {};
    let end = body + fixedBytes;
    for (const slot of own) {
      const readText = texts[slot.bit];
      const place = body + slot.offset;
      if (readText === undefined) payload[slot.name] = readNumber(view, slot, place);
      else {
        const length = view.getUint32(place, true);
        payload[slot.name] = readText(view, at, end, length);
        end += length;
      }
    }
    return payload;
  };
} // prettier-ignore

const getters: Readonly<Record<FieldType, string>> = {
  bool: 'Uint8', u8: 'Uint8', i8: 'Int8', u16: 'Uint16', i16: 'Int16', u32: 'Uint32', i32: 'Int32',
  f32: 'Float32', f64: 'Float64', u64: 'BigUint64', i64: 'BigInt64', string: '', stack: '', bytes: '',
}; // prettier-ignore

function readingOf({ bit, isText, offset, type }: Slot): string {
  if (isText) return `t${bit}(v,at,e+=n,n=v.getUint32(b+${offset},true))`;
  const value = `v.get${getters[type]}(b+${offset},true)`;
  return type === 'bool' ? `${value}!==0` : value;
}

/** Reads the bytes of a text; throws a RangeError when they go beyond the record at `at`. */
type TextReader = (view: DataView, at: number, from: number, length: number) => string | Uint8Array;

// The texts of most fields are the same again and again: the last one is compared, not decoded.
const longestRemembered = 64;

function createTextReader({ type }: Slot): TextReader {
  if (type === 'bytes') {
    return (view, at, from, length) => {
      checked(view, at, from, length);
      return new Uint8Array(buffer(view).subarray(from, from + length));
    };
  }
  const lastBytes = new Uint8Array(longestRemembered);
  let lastLength = 0;
  let lastText = '';
  return (view, at, from, length) => {
    checked(view, at, from, length);
    const bytes = buffer(view);
    let same = length === lastLength ? 0 : -1;
    if (same === 0) while (same < length && bytes[from + same] === lastBytes[same]) same++;
    if (same === length) return lastText;
    const text = bytes.toString('utf8', from, from + length);
    if (length <= longestRemembered) {
      for (let i = 0; i < length; i++) lastBytes[i] = bytes[from + i] ?? 0;
      lastLength = length;
      lastText = text;
    }
    return text;
  };
}

/** Reads one field of a record; `undefined` where an optional one is missing. */
export type FieldReader = (view: DataView, at: number) => FieldValue | undefined;

/**
 * Makes the reader of a single field, for who needs one or two of very many events. It trusts the
 * record: see {@link createRecordCheck}. `undefined`: there is no such field.
 */
export function createFieldReader(
  descriptor: EventTypeDescriptor,
  field: string,
): FieldReader | undefined {
  const { slots, fixedBytes } = layOutFields(descriptor.name, descriptor.fields);
  const slot = slots.find(({ name }) => name === field);
  if (slot === undefined) return undefined;
  const place = recordHeaderBytes + slot.offset;
  const mask = slot.optional ? 1 << slot.bit : 0;
  const isMissing = (view: DataView, at: number): boolean =>
    mask !== 0 && (view.getUint32(at + 28, true) & mask) === 0;
  if (!slot.isText)
    return (view, at) => (isMissing(view, at) ? undefined : readNumber(view, slot, at + place));
  const before = textSlots(slots.slice(0, slots.indexOf(slot)));
  return (view, at) => {
    if (isMissing(view, at)) return undefined;
    const start = at + recordHeaderBytes + fixedBytes + textBytes(before, view, at);
    const end = start + view.getUint32(at + place, true);
    const text = buffer(view);
    return slot.type === 'bytes'
      ? new Uint8Array(text.subarray(start, end))
      : text.toString('utf8', start, end);
  };
}

/** Makes a test for records of one event type: do all their texts lie within them? */
export function createRecordCheck(
  descriptor: EventTypeDescriptor,
): (view: DataView, at: number) => boolean {
  const { slots, fixedBytes } = layOutFields(descriptor.name, descriptor.fields);
  const texts = textSlots(slots);
  return (view, at) => {
    const size = view.getUint32(at, true);
    const end = recordHeaderBytes + fixedBytes;
    if (end > size) return false;
    const bodyEnd = end + textBytes(texts, view, at);
    if (bodyEnd > size) return false;
    if (view.getUint8(at + 7) !== 1) return true;
    const stackAt = (bodyEnd + 7) & ~3; // its u32 length stands before it, aligned
    return stackAt <= size && stackAt + view.getUint32(at + stackAt - 4, true) <= size;
  };
}

/** The stack that follows the body of a record, if there is one. */
export function createStackReader(
  descriptor: EventTypeDescriptor,
): (view: DataView, at: number) => string | undefined {
  const { slots, fixedBytes } = layOutFields(descriptor.name, descriptor.fields);
  const texts = textSlots(slots);
  return (view, at) => {
    if (view.getUint8(at + 7) !== 1) return undefined;
    const end = at + recordHeaderBytes + fixedBytes + textBytes(texts, view, at);
    return readStack(view, at, end, buffer(view));
  };
}

interface TextSlot {
  readonly place: number;
  /** Bit of the presence word; 0: it is always there. */
  readonly mask: number;
}

function textSlots(slots: readonly Slot[]): TextSlot[] {
  return slots
    .filter(({ isText }) => isText)
    .map(({ bit, offset, optional }) => ({
      place: recordHeaderBytes + offset,
      mask: optional ? 1 << bit : 0,
    }));
}

function textBytes(slots: readonly TextSlot[], view: DataView, at: number): number {
  let bytes = 0;
  for (const { mask, place } of slots) {
    if (mask === 0 || (view.getUint32(at + 28, true) & mask) !== 0)
      bytes += view.getUint32(at + place, true);
  }
  return bytes;
}

// The bytes of a DataView as a Buffer: its toString is the quickest decoder that Node has.
let last: { view: DataView; text: Buffer } | undefined;
function buffer(view: DataView): Buffer {
  if (last?.view !== view)
    last = { view, text: Buffer.from(view.buffer, view.byteOffset, view.byteLength) };
  return last.text;
}

function checked(view: DataView, at: number, from: number, length: number): number {
  if (from + length <= at + view.getUint32(at, true)) return length;
  throw new RangeError('a text goes beyond its record');
}

function readStack(view: DataView, at: number, bodyEnd: number, text: Buffer): string {
  const place = at + ((bodyEnd - at + 3) & ~3);
  const length = checked(view, at, place + 4, view.getUint32(place, true));
  return text.toString('utf8', place + 4, place + 4 + length);
}

function readNumber(view: DataView, { type }: Slot, place: number): FieldValue {
  switch (type) {
    case 'bool':
      return view.getUint8(place) !== 0;
    case 'u8':
      return view.getUint8(place);
    case 'i8':
      return view.getInt8(place);
    case 'u16':
      return view.getUint16(place, true);
    case 'i16':
      return view.getInt16(place, true);
    case 'u32':
      return view.getUint32(place, true);
    case 'i32':
      return view.getInt32(place, true);
    case 'f32':
      return view.getFloat32(place, true);
    case 'f64':
      return view.getFloat64(place, true);
    case 'u64':
      return view.getBigUint64(place, true);
    case 'i64':
      return view.getBigInt64(place, true);
    case 'string':
    case 'stack':
    case 'bytes':
      throw new TypeError(`${type} is not a number`);
    default:
      return type satisfies never;
  }
}
