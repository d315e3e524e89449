/** Pure: the fields of an event type from the format of its tracepoint, and payloads from its records. */
import type { AnyPayload, FieldDescriptor, FieldType, FieldValue } from '@extension-events/core';
import { addressText } from './address-text.ts';
import { integerType, kindOf } from './field-kind.ts';
import type { FieldKind } from './field-kind.ts';
import type { TracepointField, TracepointFormat } from './format.ts';

/** Reads one value, or `undefined` when the record ends before it. */
type Reader = (raw: DataView) => FieldValue | undefined;

interface Column {
  readonly name: string;
  readonly descriptor: FieldDescriptor;
  readonly read: Reader;
}

// An event type has at most 32 fields; one is left for the stack.
const mostFields = 31;

/** A tracepoint's fields as event fields, and the decoder of its records. */
export interface RecordShape {
  readonly fields: Readonly<Record<string, FieldDescriptor>>;
  /** Copies the values out of a record (PERF_SAMPLE_RAW); `undefined` when it is too short for its fields. */
  readonly decode: (raw: DataView) => AnyPayload | undefined;
}

/** Derives fields and decoder from a format. At most 31 fields; names that no event field can have are left out. */
export function shapeOf(format: TracepointFormat): RecordShape {
  const columns = new Map<string, Column>();
  for (const field of format.fields) {
    for (const column of columnsOf(field)) {
      const isName = /^[A-Za-z_]\w{0,63}$/.test(column.name);
      if (!isName || Object.hasOwn(Object.prototype, column.name)) continue;
      if (columns.size < mostFields && !columns.has(column.name)) columns.set(column.name, column);
    }
  }
  const list = [...columns.values()];
  return {
    fields: Object.fromEntries(list.map(({ name, descriptor }) => [name, descriptor])),
    decode: (raw) => decodeColumns(list, raw),
  };
}

function decodeColumns(columns: readonly Column[], raw: DataView): AnyPayload | undefined {
  const payload: Record<string, FieldValue> = {};
  for (const { name, read } of columns) {
    const value = read(raw);
    if (value === undefined) return undefined;
    payload[name] = value;
  }
  return payload;
}

function columnsOf(field: TracepointField): Column[] {
  const kind = kindOf(field);
  const { name, offset, size } = field;
  if (kind.kind === 'integer') {
    // Of a register that is wider than the type, the low bytes come first (little-endian).
    const type = kind.isBool ? 'bool' : integerType(kind.bytes, kind.isSigned);
    return [{ name, descriptor: describe(field, type), read: integerReader(offset, kind) }];
  }
  if (kind.kind === 'integers') {
    return Array.from({ length: kind.count }, (_, i) => ({
      name: `${name}${i}`,
      descriptor: describe(field, integerType(kind.bytes, kind.isSigned)),
      read: integerReader(offset + i * kind.bytes, { ...kind, isBool: false }),
    }));
  }
  const find = field.location === undefined ? fixed(offset, size) : dynamic(field);
  const toValue = converterOf(kind);
  const read: Reader = (raw) => {
    const found = find(raw);
    return found === undefined ? undefined : toValue(found);
  };
  return [{ name, descriptor: describe(field, kind.kind === 'bytes' ? 'bytes' : 'string'), read }];
}

function describe(field: TracepointField, type: FieldType): FieldDescriptor {
  const unit = /^(string|bytes|bool)$/.test(type) ? undefined : unitOf(field);
  const declared = `${field.type}${field.isArray ? '[]' : ''}`;
  const named = [...(field.symbols ?? [])].slice(0, 24).map(([value, word]) => `${value} ${word}`);
  const description = `${declared}${named.length === 0 ? '' : `: ${named.join(', ')}`}`;
  const isAddress = type === 'u64' && (field.type.endsWith('*') || /(^|_)(addr|address|ip|pc|ptr)$/.test(field.name)); // prettier-ignore
  return { type, ...(unit !== undefined && { unit }), ...(isAddress && { base: 16 as const }), description }; // prettier-ignore
}

// Format files know no units. A size_t counts bytes nearly everywhere, other names say it.
function unitOf({ name, type }: TracepointField): string | undefined {
  if (/(^|_)(ns|nsec|nsecs)$/.test(name)) return 'ns';
  if (/(^|_)(us|usec|usecs)$/.test(name)) return 'us';
  if (/(^|_)(ms|msec|msecs)$/.test(name)) return 'ms';
  if (/\bs?size_t\b/.test(type) && !type.includes('*')) return 'By';
  if (/(^|_)(len|length|bytes)$/.test(name)) return 'By';
  return /^(count|period|rate|ratio|share|samples|hits|offset)$/.test(name) ? '1' : undefined;
}

type Integer = Extract<FieldKind, { kind: 'integer' }>;

function integerReader(offset: number, { bytes, isSigned, isBool }: Omit<Integer, 'kind'>): Reader {
  const end = offset + bytes;
  const read = isBool ? readers.bool : readers[integerType(bytes, isSigned) as IntegerType];
  return (raw) => (end > raw.byteLength ? undefined : read(raw, offset));
}

type IntegerType = Exclude<keyof typeof readers, 'bool'>;

const readers = {
  bool: (raw: DataView, at: number): boolean => raw.getUint8(at) !== 0,
  u8: (raw: DataView, at: number): number => raw.getUint8(at),
  i8: (raw: DataView, at: number): number => raw.getInt8(at),
  u16: (raw: DataView, at: number): number => raw.getUint16(at, true),
  i16: (raw: DataView, at: number): number => raw.getInt16(at, true),
  u32: (raw: DataView, at: number): number => raw.getUint32(at, true),
  i32: (raw: DataView, at: number): number => raw.getInt32(at, true),
  u64: (raw: DataView, at: number): bigint => raw.getBigUint64(at, true),
  i64: (raw: DataView, at: number): bigint => raw.getBigInt64(at, true),
} as const;

type Find = (raw: DataView) => Uint8Array | undefined;

function fixed(offset: number, size: number): Find {
  return (raw) => (offset + size > raw.byteLength ? undefined : view(raw, offset, size));
}

// A u32: length in the high half, where in the low half; include/trace/stages/stage3_trace_output.h.
function dynamic({ offset, size, location }: TracepointField): Find {
  const base = location === 'relative' ? offset + size : 0;
  return (raw) => {
    if (offset + 4 > raw.byteLength) return undefined;
    const word = raw.getUint32(offset, true);
    const start = base + (word & 0xffff);
    const length = word >>> 16;
    // The kernel writes no such word; a damaged record loses this field alone.
    return start + length > raw.byteLength ? new Uint8Array() : view(raw, start, length);
  };
}

function view(raw: DataView, start: number, length: number): Uint8Array {
  return new Uint8Array(raw.buffer, raw.byteOffset + start, length);
}

const utf8 = new TextDecoder();

/** C strings end at their first NUL. */
function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return utf8.decode(bytes.slice(0, end === -1 ? bytes.length : end));
}

function converterOf(
  kind: Exclude<FieldKind, { kind: 'integer' | 'integers' }>,
): (bytes: Uint8Array) => FieldValue {
  // prettier-ignore
  if (kind.kind === 'address') return (bytes) => addressText(bytes, kind.address);
  return kind.kind === 'string' ? textOf : copyOf;
}

function copyOf(bytes: Uint8Array): Uint8Array {
  return bytes.slice();
}
