import type { CheckedGlobal, StoredType } from '../program/checked.ts';
import type { Key } from '../program/wire.ts';

/**
 * A key inside the runtime: 0 for a scalar, the value itself for one part, a text for several. The
 * parts of one global have the same types everywhere, so their text can be taken apart again.
 */
export type EntryKey = number | string | boolean;

/** Joins a part with the rest: the length before it keeps `["a", "bc"]` and `["ab", "c"]` apart. */
export function joinKey(part: EntryKey, rest: EntryKey): string {
  const text = `${part}`;
  return `${text.length}:${text}${rest}`;
}

/** The parts of a key of this global. */
export function splitKey({ keys }: CheckedGlobal, key: EntryKey): Key {
  if (keys.length === 0) return [];
  if (keys.length === 1) return [key];
  const parts: EntryKey[] = [];
  let rest = String(key);
  for (let i = 0; i < keys.length - 1; i++) {
    const colon = rest.indexOf(':');
    const end = colon + 1 + Number(rest.slice(0, colon));
    parts[i] = read(rest.slice(colon + 1, end), keys[i]);
    rest = rest.slice(end);
  }
  parts[keys.length - 1] = read(rest, keys[keys.length - 1]);
  return parts;
}

/** The key of these parts, as they came from elsewhere. */
export function readKey({ keys }: CheckedGlobal, parts: Key): EntryKey {
  let key: EntryKey = 0;
  for (let i = parts.length - 1; i >= 0; i--) {
    const part = readNumber(keys[i] === 'number', parts[i] ?? '');
    key = i === parts.length - 1 ? part : joinKey(part, key);
  }
  return key;
}

/** The parts of a key, to be told elsewhere. */
export function tellKey(global: CheckedGlobal, key: EntryKey): Key {
  const parts = splitKey(global, key);
  return parts.every(isPlain) ? parts : parts.map(tellNumber);
}

/** JSON has no NaN and no infinities: they travel as words. */
export function tellNumber<T extends EntryKey>(value: T): T | string {
  return isPlain(value) ? value : String(value);
}

/** Takes the word for a number, where a number is meant. */
export function readNumber<T extends EntryKey>(isNumber: boolean, value: T): T | number {
  return isNumber && typeof value === 'string' ? Number(value) : value;
}

function isPlain(value: EntryKey): boolean {
  return typeof value !== 'number' || value - value === 0;
}

/** The key of these parts. */
export function makeKey(parts: Key): EntryKey {
  const last = parts[parts.length - 1];
  if (last === undefined) return 0;
  let key: EntryKey = last;
  for (let i = parts.length - 2; i >= 0; i--) key = joinKey(parts[i] ?? '', key);
  return key;
}

function read(text: string, type: StoredType | undefined): EntryKey {
  if (type === 'number') return Number(text);
  return type === 'bool' ? text === 'true' : text;
}

const { parse, stringify } = JSON;
// Shorter ones are copied by V8 anyway.
const shortestSlice = 13;

/**
 * A copy that shares no memory with the text it was cut out of: an entry of 20 characters must not
 * keep a body of 20 MB alive in the program.
 */
export function keepText<T>(value: T): T {
  if (typeof value !== 'string' || value.length < shortestSlice) return value;
  return parse(stringify(value)) as T;
}
