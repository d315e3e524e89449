/** Pure: the text of a tracepoint's `format` file to typed fields. See Documentation/trace/events.rst, "Event formats". */

import { type AddressKind, findAddresses } from './print-format.ts';

/** One field as the format file declares it. */
export interface TracepointField {
  readonly name: string;
  /** C type without the array's bounds: `const char *`, `unsigned long`. */
  readonly type: string;
  /** Bytes from the start of the record. */
  readonly offset: number;
  /** Bytes that it takes in the record: of a dynamic field, those of the word that says where it is. */
  readonly size: number;
  readonly isSigned: boolean;
  readonly isArray: boolean;
  /** Content elsewhere in the record: `__data_loc` counts from the record's start, `__rel_loc` from the word's end. */
  readonly location?: 'data' | 'relative';
  /** Names of values, of fields that the kernel prints by `__print_symbolic`. */
  readonly symbols?: ReadonlyMap<string, string>;
  /** Of bytes that the kernel prints as an address of the internet. */
  readonly address?: AddressKind;
}

/** A tracepoint's format file. */
export interface TracepointFormat {
  /** Without its system. */
  readonly name: string;
  /** What perf_event_open(2) takes as `config`; good for one build of the kernel. */
  readonly id: number;
  /** Without those that all tracepoints have in common. */
  readonly fields: readonly TracepointField[];
}

const fieldLine = /^\tfield:([^;]+);\toffset:(\d{1,6});\tsize:(\d{1,6});\tsigned:([01]);$/;
const declaration = /^(.*?[\s*\]])(\w+)(\[[^\]]*\])?$/;
const maxLineLength = 1000;

/** Parses a format file. Lines that it does not know are skipped; `undefined` when the id or the name is missing. */
export function parseFormat(text: string): TracepointFormat | undefined {
  const head = text.slice(0, 1000);
  const name = /^name: (\S{1,200})$/m.exec(head)?.[1];
  const id = /^ID: (\d{1,9})$/m.exec(head)?.[1];
  if (name === undefined || id === undefined) return undefined;
  const printed = text.indexOf('\nprint fmt:');
  const symbols = printed === -1 ? noSymbols : parseSymbols(text.slice(printed));
  const addresses = printed === -1 ? noAddresses : findAddresses(text.slice(printed));
  const fields: TracepointField[] = [];
  for (const line of text.slice(0, printed === -1 ? text.length : printed).split('\n')) {
    const field = line.length > maxLineLength ? undefined : parseField(line, symbols, addresses);
    if (field !== undefined && !field.name.startsWith('common_')) fields.push(field);
  }
  return { name, id: Number(id), fields };
}

type Symbols = ReadonlyMap<string, ReadonlyMap<string, string>>;
const noSymbols: Symbols = new Map();
type Addresses = ReadonlyMap<string, AddressKind>;
const noAddresses: Addresses = new Map();

function parseField(
  line: string,
  symbols: Symbols,
  addresses: Addresses,
): TracepointField | undefined {
  const [, declared = '', offset, size, signed] = fieldLine.exec(line) ?? [];
  const [, before = '', name, bounds] = declaration.exec(declared.trim()) ?? [];
  if (name === undefined || /^\d/.test(name)) return undefined;
  const location = /^__(data|rel)_loc\s/.exec(before)?.[1];
  const type = before.replace(/^__(data|rel)_loc\s+/, '').trim();
  const named = symbols.get(name);
  const address = addresses.get(name);
  return {
    name,
    type: type.replace(/\s*\[[^\]]*\]$/, ''),
    offset: Number(offset),
    size: Number(size),
    isSigned: signed === '1',
    isArray: bounds !== undefined || type.endsWith(']'),
    ...(location !== undefined && { location: location === 'data' ? 'data' : 'relative' }),
    ...(named !== undefined && { symbols: named }),
    ...(address !== undefined && { address }),
  };
}

// Only plain `__print_symbolic(REC->field, { 2, "AF_INET" }, …)`: anything else is a C expression.
const printSymbolic = /__print_symbolic\(REC->(\w{1,64}),((?:\s?\{ ?-?\w{1,20}, ?"[^"{}]{0,80}" ?\},?){1,200})\s*\)/g; // prettier-ignore

function parseSymbols(text: string): Symbols {
  const found = new Map<string, ReadonlyMap<string, string>>();
  for (const [, field = '', list = ''] of text.slice(0, 100_000).matchAll(printSymbolic)) {
    const pairs = [...list.matchAll(/\{ ?(-?\w+), ?"([^"]*)" ?\}/g)];
    found.set(field, new Map(pairs.map(([, value = '', word = '']) => [value, word])));
  }
  return found;
}
