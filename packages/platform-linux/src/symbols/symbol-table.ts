import type { ElfFile, ElfSection } from './elf-types.ts';
import { StringTable } from './string-table.ts';

/** A symbol of an ELF file, its name as the file has it (mangled). */
export interface ElfSymbol {
  readonly name: string;
  /** As the file has it, before loading. */
  readonly address: number;
  /** 0 when the file does not say. */
  readonly size: number;
  /** `ifunc`: code that chooses the true function when the program is loaded. */
  readonly kind: 'function' | 'ifunc' | 'label' | 'object';
  readonly binding: 'global' | 'weak' | 'local';
}

/** Symbols of code and of data. Names are decoded when they are asked for. */
export interface SymbolTable {
  readonly size: number;
  /** The code that covers an address. */
  code(address: number): ElfSymbol | undefined;
  /** The variable that covers an address. */
  data(address: number): ElfSymbol | undefined;
  byName(name: string): ElfSymbol[];
  /** Symbols whose mangled name contains the text. */
  containing(text: string, limit: number): ElfSymbol[];
  symbols(): IterableIterator<ElfSymbol>;
}

export const emptySymbolTable: SymbolTable = {
  size: 0,
  code: () => undefined,
  data: () => undefined,
  byName: () => [],
  containing: () => [],
  symbols: () => [].values(),
};

const symbolBytes = 24;
const chunkSymbols = 1 << 15;
const maxSymbols = 1 << 24;
const types = { none: 0, object: 1, function: 2, common: 5, ifunc: 10 } as const;
const kinds = ['label', 'function', 'ifunc', 'object'] as const;
const bindings = ['local', 'weak', 'global'] as const;
const executableFlag = 4;
const absoluteSection = 0xfff1;
const extendedIndex = 0xffff;

/** Reads a symbol section in pieces; only what names defined code and data is kept. */
export function readSymbolTable(elf: ElfFile, table: ElfSection, names: ElfSection): SymbolTable {
  const code = new Columns();
  const data = new Columns();
  const count = Math.min(maxSymbols, Math.floor(table.fileSize / symbolBytes));
  for (let first = 0; first < count; first += chunkSymbols) {
    const wanted = Math.min(chunkSymbols, count - first);
    const bytes = elf.source.read(table.offset + first * symbolBytes, wanted * symbolBytes);
    readChunk(elf, bytes, code, data);
  }
  const strings = new StringTable(elf.source, names.offset, names.fileSize);
  return new Table(code.sorted(), data.sorted(), strings);
}

function readChunk(elf: ElfFile, bytes: Uint8Array, code: Columns, data: Columns): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0; start + symbolBytes <= bytes.length; start += symbolBytes) {
    const sectionIndex = view.getUint16(start + 6, true);
    const high = view.getUint32(start + 12, true);
    const address = high * 2 ** 32 + view.getUint32(start + 8, true);
    // Undefined, absolute (versions), at address 0 (TLS offsets, dropped), beyond exact numbers.
    if (sectionIndex === 0 || sectionIndex === absoluteSection) continue;
    if (address === 0 || high >= 2 ** 21) continue;
    const info = view.getUint8(start + 4);
    const section = sectionIndex === extendedIndex ? undefined : elf.sections[sectionIndex];
    const kind = kindOf(info & 15, section, elf.machine);
    if (kind === undefined) continue;
    const size = view.getUint32(start + 20, true) * 2 ** 32 + view.getUint32(start + 16, true);
    const binding = info >> 4 === 0 ? 0 : info >> 4 === 2 ? 1 : 2;
    const limit = section === undefined ? Number.POSITIVE_INFINITY : section.address + section.size;
    const columns = kind === 3 ? data : code;
    columns.push(address, size, view.getUint32(start, true), kind | (binding << 2), limit);
  }
}

function kindOf(
  type: number,
  section: ElfSection | undefined,
  machine: ElfFile['machine'],
): number | undefined {
  if (type === types.function) return 1;
  if (type === types.ifunc) return 2;
  if (type === types.object || type === types.common) return 3;
  // Hand-written assembly has labels without a type; on arm64 so has each piece of code ($x).
  const isCode = section !== undefined && (section.flags & executableFlag) !== 0;
  return type === types.none && isCode && machine === 'x86-64' ? 0 : undefined;
}

/** Growing columns of numbers: an object for each symbol would take ten times the memory. */
class Columns {
  #addresses = new Float64Array(1024);
  #ends = new Float64Array(1024);
  #sizes = new Float64Array(1024);
  #names = new Uint32Array(1024);
  #bits = new Uint8Array(1024);
  #count = 0;

  push(address: number, size: number, name: number, bits: number, limit: number): void {
    if (this.#count === this.#bits.length) this.#grow();
    const index = this.#count++;
    this.#addresses[index] = address;
    this.#sizes[index] = size;
    this.#ends[index] = size > 0 ? address + size : Math.max(limit, address + 1);
    this.#names[index] = name;
    this.#bits[index] = bits;
  }

  sorted(): SortedColumns {
    const [addresses, sizes, bits] = [this.#addresses, this.#sizes, this.#bits];
    const order = new Uint32Array(this.#count).map((_, index) => index);
    // Of aliases the one that says its size and is more widely visible is the last.
    order.sort(
      (a, b) =>
        at(addresses, a) - at(addresses, b) ||
        Number(at(sizes, a) > 0) - Number(at(sizes, b) > 0) ||
        at(bits, a) - at(bits, b) ||
        b - a,
    );
    const pick = <T extends Column>(column: T, into: T): T => {
      for (let index = 0; index < order.length; index++) {
        into[index] = at(column, at(order, index));
      }
      return into;
    };
    return new SortedColumns(
      pick(this.#addresses, new Float64Array(this.#count)),
      pick(this.#ends, new Float64Array(this.#count)),
      pick(this.#sizes, new Float64Array(this.#count)),
      pick(this.#names, new Uint32Array(this.#count)),
      pick(this.#bits, new Uint8Array(this.#count)),
    );
  }

  #grow(): void {
    const length = this.#bits.length * 2;
    this.#addresses = copy(this.#addresses, new Float64Array(length));
    this.#ends = copy(this.#ends, new Float64Array(length));
    this.#sizes = copy(this.#sizes, new Float64Array(length));
    this.#names = copy(this.#names, new Uint32Array(length));
    this.#bits = copy(this.#bits, new Uint8Array(length));
  }
}

class SortedColumns {
  readonly addresses: Float64Array;
  readonly sizes: Float64Array;
  readonly names: Uint32Array;
  readonly bits: Uint8Array;
  readonly #ends: Float64Array;
  /** Of each symbol the nearest one before it that reaches over its start: symbols may nest. */
  readonly #outer: Int32Array;

  constructor(
    addresses: Float64Array,
    ends: Float64Array,
    sizes: Float64Array,
    names: Uint32Array,
    bits: Uint8Array,
  ) {
    this.addresses = addresses;
    this.#ends = ends;
    this.sizes = sizes;
    this.names = names;
    this.bits = bits;
    this.#outer = new Int32Array(bits.length);
    this.#endSizeless();
    this.#nest();
  }

  /** Index of the innermost symbol that covers the address, or -1. */
  find(address: number): number {
    let low = 0;
    let high = this.addresses.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.addresses[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    let index = low - 1;
    while (index >= 0 && address >= (this.#ends[index] ?? 0)) index = this.#outer[index] ?? -1;
    return index;
  }

  /** Symbols that say no size reach to the next one. */
  #endSizeless(): void {
    let next = Number.POSITIVE_INFINITY;
    for (let index = this.bits.length - 1; index >= 0; index--) {
      const address = this.addresses[index] ?? 0;
      const following = this.addresses[index + 1];
      if (following !== undefined && following > address) next = following;
      if (this.sizes[index] === 0) this.#ends[index] = Math.min(this.#ends[index] ?? 0, next);
    }
  }

  #nest(): void {
    const open: number[] = [];
    for (let index = 0; index < this.bits.length; index++) {
      const address = this.addresses[index] ?? 0;
      while (open.length > 0 && (this.#ends[open.at(-1) ?? 0] ?? 0) <= address) open.pop();
      this.#outer[index] = open.at(-1) ?? -1;
      open.push(index);
    }
  }
}

class Table implements SymbolTable {
  readonly #code: SortedColumns;
  readonly #data: SortedColumns;
  readonly #strings: StringTable;
  readonly #best = new Map<number, ElfSymbol>();

  constructor(code: SortedColumns, data: SortedColumns, strings: StringTable) {
    this.#code = code;
    this.#data = data;
    this.#strings = strings;
  }

  get size(): number {
    return this.#code.bits.length + this.#data.bits.length;
  }

  code(address: number): ElfSymbol | undefined {
    const index = this.#code.find(address);
    return index < 0 ? undefined : this.#bestAlias(this.#code, index);
  }

  data(address: number): ElfSymbol | undefined {
    const index = this.#data.find(address);
    return index < 0 ? undefined : this.#bestAlias(this.#data, index);
  }

  byName(name: string): ElfSymbol[] {
    const offsets = this.#strings.offsetsOf(name);
    if (offsets.size === 0) return [];
    return this.#select((nameAt) => offsets.has(nameAt), Number.POSITIVE_INFINITY);
  }

  containing(text: string, limit: number): ElfSymbol[] {
    return this.#select(this.#strings.containing(text), limit);
  }

  *symbols(): IterableIterator<ElfSymbol> {
    for (const columns of [this.#code, this.#data]) {
      for (let index = 0; index < columns.bits.length; index++) yield this.#at(columns, index);
    }
  }

  #select(isWanted: (nameAt: number) => boolean, limit: number): ElfSymbol[] {
    const found: ElfSymbol[] = [];
    for (const columns of [this.#code, this.#data]) {
      for (let index = 0; index < columns.names.length && found.length < limit; index++) {
        if (isWanted(columns.names[index] ?? 0)) found.push(this.#at(columns, index));
      }
    }
    return found;
  }

  /** Of several names of one address the plainest: `write` rather than `__write` or `__GI___write`. */
  #bestAlias(columns: SortedColumns, index: number): ElfSymbol {
    const address = columns.addresses[index] ?? 0;
    const known = this.#best.get(address);
    if (known !== undefined) return known;
    let best = this.#at(columns, index);
    // Nobody gives one address a hundred names; a damaged file may.
    const first = Math.max(0, index - 100);
    for (let before = index - 1; before >= first; before--) {
      if (columns.addresses[before] !== address) break;
      const other = this.#at(columns, before);
      if (other.size === best.size && isPlainer(other.name, best.name)) best = other;
    }
    if (this.#best.size >= 1 << 16) this.#best.clear();
    this.#best.set(address, best);
    return best;
  }

  #at(columns: SortedColumns, index: number): ElfSymbol {
    const bits = columns.bits[index] ?? 0;
    return {
      name: this.#strings.at(columns.names[index] ?? 0),
      address: columns.addresses[index] ?? 0,
      size: columns.sizes[index] ?? 0,
      kind: kinds[bits & 3] ?? 'label',
      binding: bindings[bits >> 2] ?? 'local',
    };
  }
}

type Column = Float64Array | Uint32Array | Uint8Array;

function at(column: ArrayLike<number>, index: number): number {
  return column[index] ?? 0;
}

function copy<T extends Column>(from: T, to: T): T {
  to.set(from);
  return to;
}

function underscores(name: string): number {
  return /^_*/.exec(name)?.[0].length ?? 0;
}

function isPlainer(name: string, than: string): boolean {
  // Mangled names start with _Z whatever they are.
  if (name.startsWith('_Z') || than.startsWith('_Z')) return false;
  const difference = underscores(than) - underscores(name);
  return difference === 0 ? name.length < than.length : difference > 0;
}
