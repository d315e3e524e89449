/** Pure: what a declared C field is, as an event's field has it. */
import type { FieldType } from '@extension-events/core';
import type { TracepointField } from './format.ts';
import type { AddressKind } from './print-format.ts';

/** How the bytes of a field are to be read. */
export type FieldKind =
  | { readonly kind: 'integer'; readonly bytes: 1 | 2 | 4 | 8; readonly isSigned: boolean; readonly isBool: boolean } // prettier-ignore
  /** An array of a few words, which becomes as many fields. */
  | { readonly kind: 'integers'; readonly bytes: 1 | 2 | 4 | 8; readonly isSigned: boolean; readonly count: number } // prettier-ignore
  | { readonly kind: 'string' }
  | { readonly kind: 'address'; readonly address: AddressKind }
  | { readonly kind: 'bytes' };

type Width = 1 | 2 | 4 | 8;

/** More words than this stay together as bytes. */
const mostWords = 8;

// Arguments of system calls take a whole register each, whatever the parameter's type: the record
// says `int fd; size:8; signed:0`. The kernel's function reads the low half alone, and so do we.
const narrow: Readonly<Record<string, readonly [bytes: Width, isSigned: boolean]>> = {
  int: [4, true], 'signed int': [4, true], s32: [4, true], __s32: [4, true], int32_t: [4, true],
  pid_t: [4, true], key_t: [4, true], clockid_t: [4, true], timer_t: [4, true], mqd_t: [4, true],
  key_serial_t: [4, true], rwf_t: [4, true], __kernel_rwf_t: [4, true], '__kernel_timer_t': [4, true],
  unsigned: [4, false], 'unsigned int': [4, false], uint: [4, false], u32: [4, false],
  __u32: [4, false], uint32_t: [4, false], uid_t: [4, false], gid_t: [4, false], qid_t: [4, false],
  umode_t: [2, false], u16: [2, false], __u16: [2, false], 'unsigned short': [2, false],
  old_uid_t: [2, false], old_gid_t: [2, false], short: [2, true], s16: [2, true],
  u8: [1, false], __u8: [1, false], 'unsigned char': [1, false],
}; // prettier-ignore

// Elements of arrays, whose size the record does not tell.
const words: Readonly<Record<string, readonly [bytes: Width, isSigned: boolean]>> = {
  ...narrow,
  long: [8, true], 'long long': [8, true], s64: [8, true], __s64: [8, true], int64_t: [8, true],
  'unsigned long': [8, false], 'unsigned long long': [8, false], u64: [8, false], __u64: [8, false],
  uint64_t: [8, false], size_t: [8, false],
}; // prettier-ignore

/** Decides by type and size; total over whatever a format file may say. */
export function kindOf(field: TracepointField): FieldKind {
  const kind = plainKindOf(field);
  const { address } = field;
  return kind.kind === 'bytes' && address !== undefined ? { kind: 'address', address } : kind;
}

function plainKindOf({ type, size, isSigned, isArray, location }: TracepointField): FieldKind {
  const plain = type.replace(/\b(const|volatile)\b/g, '').trim();
  if (location !== undefined) return { kind: plain === 'char' ? 'string' : 'bytes' };
  if (isArray) return arrayKind(plain, size);
  if (!isWidth(size) || /^(struct|union)\b[^*]*$/.test(plain)) return { kind: 'bytes' };
  const isBool = (plain === 'bool' || plain === '_Bool') && size === 1;
  const [bytes, signed] = narrow[plain] ?? [size, isSigned && !plain.endsWith('*')];
  if (bytes < size) return { kind: 'integer', bytes, isSigned: signed, isBool };
  return { kind: 'integer', bytes: size, isSigned: isSigned && !plain.endsWith('*'), isBool };
}

function arrayKind(plain: string, size: number): FieldKind {
  if (plain === 'char') return { kind: 'string' };
  const [bytes, isSigned] = plain.endsWith('*') ? ([8, false] as const) : (words[plain] ?? []);
  if (bytes === undefined || isSigned === undefined || bytes === 1) return { kind: 'bytes' };
  const count = size / bytes;
  if (!Number.isInteger(count) || count < 1 || count > mostWords) return { kind: 'bytes' };
  return { kind: 'integers', bytes, isSigned, count };
}

function isWidth(size: number): size is Width {
  return size === 1 || size === 2 || size === 4 || size === 8;
}

/** The event's type of an integer of this width. */
export function integerType(bytes: Width, isSigned: boolean): FieldType {
  return `${isSigned ? 'i' : 'u'}${(bytes * 8) as 8 | 16 | 32 | 64}`;
}
