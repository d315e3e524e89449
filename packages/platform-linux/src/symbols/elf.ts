import { inflateSync, type ZlibOptions } from 'node:zlib';
import * as zlib from 'node:zlib';
import { ExtensionEventError } from '@extension-events/core';
import type { ByteSource } from './byte-source.ts';
import { readEhFrameHdr, type EhFrameHdr } from './eh-frame-hdr.ts';
import type { ElfFile, ElfSection, ElfSegment } from './elf-types.ts';
import { readNotes, readUsdtNote, type ElfNote, type UsdtProbe } from './notes.ts';
import { emptySymbolTable, readSymbolTable, type SymbolTable } from './symbol-table.ts';

/**
 * Reads ELF64 little-endian files, in parts: headers at once, symbols, notes and sections when they
 * are asked for. Each count and offset in the file is a claim: tables are cut to what the file can
 * hold, and what is read at once has a limit.
 *
 * @see elf(5), System V gABI chapters 4 and 5
 */

const headerBytes = 64;
const sectionHeaderBytes = 64;
const programHeaderBytes = 56;
const maxHeaders = 1 << 16;
const sectionTypes = { symtab: 2, note: 7, nobits: 8, dynsym: 11 } as const;
const segmentTypes = { load: 1, note: 4, ehFrameHdr: 0x6474e550 } as const;
const compressedFlag = 0x800;
/** More than this is not read in one piece: .debug_line of a browser has some 100 MB. */
const defaultMaxBytes = 256 << 20;

/**
 * @throws ExtensionEventError `EE_ELF_FORMAT` when the bytes are no ELF64 little-endian file,
 * `EE_ELF_READ` when reading fails
 */
export function readElf(source: ByteSource): ElfFile {
  const header = readView(source, 0, headerBytes);
  if (header.byteLength < headerBytes || header.getUint32(0) !== 0x7f454c46) {
    throw formatError(source, 'it does not start with the ELF header');
  }
  if (header.getUint8(4) !== 2 || header.getUint8(5) !== 1) {
    throw formatError(source, 'it is not a 64-bit little-endian one');
  }
  const sections = readSections(source, header);
  const segments = readSegments(source, header, sections[0]);
  return new Elf(source, header, sections.slice(), segments);
}

interface Segments {
  readonly loads: readonly ElfSegment[];
  readonly notes: readonly ElfSegment[];
  readonly ehFrameHdr: ElfSegment | undefined;
}

class Elf implements ElfFile {
  readonly source: ByteSource;
  readonly type: number;
  readonly machine: ElfFile['machine'];
  readonly segments: readonly ElfSegment[];
  readonly sections: readonly ElfSection[];
  readonly #segments: Segments;
  #notes: readonly ElfNote[] | undefined;
  #symbols: SymbolTable | undefined;
  #functionStarts: EhFrameHdr | null | undefined;

  constructor(
    source: ByteSource,
    header: DataView,
    sections: readonly ElfSection[],
    segments: Segments,
  ) {
    this.source = source;
    this.type = header.getUint16(16, true);
    const machine = header.getUint16(18, true);
    this.machine = machine === 62 ? 'x86-64' : machine === 183 ? 'arm64' : 'other';
    this.sections = sections;
    this.segments = segments.loads;
    this.#segments = segments;
  }

  get hasSymtab(): boolean {
    return this.#first(sectionTypes.symtab) !== undefined;
  }

  get buildId(): string | undefined {
    const note = this.#allNotes().find(({ owner, type }) => owner === 'GNU' && type === 3);
    return note === undefined ? undefined : Buffer.from(note.content).toString('hex');
  }

  get debugLink(): { readonly name: string; readonly crc: number } | undefined {
    const bytes = this.sectionBytes('.gnu_debuglink', 8192);
    const end = bytes.indexOf(0);
    if (end <= 0 || bytes.length < 8) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return {
      name: Buffer.from(bytes.subarray(0, end)).toString('utf8'),
      crc: view.getUint32(bytes.length - 4, true),
    };
  }

  get symbols(): SymbolTable {
    this.#symbols ??= this.#readSymbols();
    return this.#symbols;
  }

  get functionStarts(): EhFrameHdr | undefined {
    if (this.#functionStarts === undefined) {
      const { ehFrameHdr: segment, loads } = this.#segments;
      const read = () => segment && readEhFrameHdr(this.source, segment, loads);
      this.#functionStarts = guardReads(this.source, read) ?? null;
    }
    return this.#functionStarts ?? undefined;
  }

  get usdtProbes(): readonly UsdtProbe[] {
    const base = this.section('.stapsdt.base')?.address;
    return this.#allNotes()
      .filter(({ owner, type }) => owner === 'stapsdt' && type === 3)
      .flatMap(({ content }) => readUsdtNote(content, base) ?? []);
  }

  section(name: string): ElfSection | undefined {
    return this.sections.find((section) => section.name === name);
  }

  sectionBytes(name: string, maxBytes: number = defaultMaxBytes): Uint8Array {
    const section = this.section(name);
    if (section === undefined || section.fileSize === 0) return new Uint8Array();
    if (section.fileSize > maxBytes) throw tooLarge(this.source, section, maxBytes);
    const bytes = readBytes(this.source, section.offset, section.fileSize);
    return (section.flags & compressedFlag) === 0
      ? bytes
      : decompress(this.source, section, bytes, maxBytes);
  }

  #first(wanted: number): ElfSection | undefined {
    return this.sections.find(({ type, fileSize }) => type === wanted && fileSize > 0);
  }

  #readSymbols(): SymbolTable {
    const table = this.#first(sectionTypes.symtab) ?? this.#first(sectionTypes.dynsym);
    const names = table === undefined ? undefined : this.sections[table.link];
    if (table === undefined || names === undefined) return emptySymbolTable;
    return guardReads(this.source, () => readSymbolTable(this, table, names));
  }

  #allNotes(): readonly ElfNote[] {
    if (this.#notes !== undefined) return this.#notes;
    const places: readonly { readonly offset: number; readonly fileSize: number }[] =
      this.sections.length > 1
        ? this.sections.filter(({ type }) => type === sectionTypes.note)
        : this.#segments.notes;
    this.#notes = places.flatMap(({ offset, fileSize }) =>
      readNotes(readBytes(this.source, offset, Math.min(fileSize, 1 << 22))),
    );
    return this.#notes;
  }
}

function readSections(source: ByteSource, header: DataView): ElfSection[] {
  const offset = readU64(header, 40);
  if (offset === 0 || header.getUint16(58, true) !== sectionHeaderBytes) return [];
  const first = readView(source, offset, sectionHeaderBytes);
  if (first.byteLength < sectionHeaderBytes) return [];
  // From 0xff00 on, counts do not fit the header and stand in section 0.
  const count = header.getUint16(60, true) || readU64(first, 32);
  const nameIndex = header.getUint16(62, true);
  const view = readView(source, offset, Math.min(count, maxHeaders) * sectionHeaderBytes);
  const total = Math.floor(view.byteLength / sectionHeaderBytes);
  const at = (nameIndex === 0xffff ? first.getUint32(40, true) : nameIndex) * sectionHeaderBytes;
  let names = new Uint8Array();
  if (at + sectionHeaderBytes <= view.byteLength) {
    names = readBytes(
      source,
      readU64(view, at + 24),
      Math.min(readU64(view, at + 32), 1 << 24),
    ) as typeof names;
  }
  return Array.from({ length: total }, (_, index) =>
    readSection(source, view, index * sectionHeaderBytes, names),
  );
}

function readSection(
  source: ByteSource,
  view: DataView,
  at: number,
  names: Uint8Array,
): ElfSection {
  const nameAt = view.getUint32(at, true);
  const nameEnd = names.indexOf(0, nameAt);
  const type = view.getUint32(at + 4, true);
  const offset = readU64(view, at + 24);
  const size = readU64(view, at + 32);
  const room = Math.max(0, source.size - offset);
  return {
    name: Buffer.from(
      names.subarray(nameAt, Math.min(nameEnd < 0 ? names.length : nameEnd, nameAt + 1024)),
    ).toString('latin1'),
    type,
    // The upper half holds flags of the processor and of the system alone.
    flags: view.getUint32(at + 8, true),
    address: readU64(view, at + 16),
    offset,
    fileSize: type === sectionTypes.nobits ? 0 : Math.min(size, room),
    size,
    link: view.getUint32(at + 40, true),
    entrySize: readU64(view, at + 56),
  };
}

function readSegments(
  source: ByteSource,
  header: DataView,
  firstSection: ElfSection | undefined,
): Segments {
  const loads: ElfSegment[] = [];
  const notes: ElfSegment[] = [];
  let ehFrameHdr: ElfSegment | undefined;
  const offset = readU64(header, 32);
  const claimed = header.getUint16(56, true);
  // 0xffff: the true number is sh_info of section 0, which nobody has for programs that run.
  const count = claimed === 0xffff && firstSection !== undefined ? maxHeaders : claimed;
  if (offset === 0 || header.getUint16(54, true) !== programHeaderBytes)
    return { loads, notes, ehFrameHdr };
  const view = readView(source, offset, count * programHeaderBytes);
  for (let at = 0; at + programHeaderBytes <= view.byteLength; at += programHeaderBytes) {
    const type = view.getUint32(at, true);
    const segment = {
      offset: readU64(view, at + 8),
      address: readU64(view, at + 16),
      fileSize: readU64(view, at + 32),
      memorySize: readU64(view, at + 40),
      isExecutable: (view.getUint32(at + 4, true) & 1) !== 0,
    };
    if (type === segmentTypes.load) loads.push(segment);
    if (type === segmentTypes.note) notes.push(segment);
    if (type === segmentTypes.ehFrameHdr) ehFrameHdr ??= segment;
  }
  return { loads, notes, ehFrameHdr };
}

// zstd came to node:zlib with 22.15.
const { zstdDecompressSync } = zlib as {
  readonly zstdDecompressSync?: (bytes: Uint8Array, options: ZlibOptions) => Uint8Array;
};

function decompress(
  source: ByteSource,
  section: ElfSection,
  bytes: Uint8Array,
  maxBytes: number,
): Uint8Array {
  if (bytes.length < 24) throw formatError(source, `section ${section.name} is damaged`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = view.getUint32(0, true);
  const size = readU64(view, 8);
  if (size > maxBytes) throw tooLarge(source, section, maxBytes);
  const inflate = type === 1 ? inflateSync : type === 2 ? zstdDecompressSync : undefined;
  if (inflate === undefined) {
    throw formatError(source, `section ${section.name} has compression ${type}, unknown here`);
  }
  try {
    return inflate(bytes.subarray(24), { maxOutputLength: Math.max(1, size) });
  } catch (cause) {
    throw formatError(source, `section ${section.name} does not decompress`, cause);
  }
}

/** Unsigned 64-bit number; exact below 2^53, which all addresses of user space are. */
export function readU64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

function readBytes(source: ByteSource, offset: number, length: number): Uint8Array {
  const room = Math.max(0, source.size - offset);
  return guardReads(source, () => source.read(offset, Math.max(0, Math.min(length, room))));
}

function readView(source: ByteSource, offset: number, length: number): DataView {
  const bytes = readBytes(source, offset, length);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function guardReads<T>(source: ByteSource, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof ExtensionEventError) throw cause;
    throw new ExtensionEventError(
      'EE_ELF_READ',
      `${source.name} could not be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      'Look whether the file is still there and readable for this user.',
      { cause },
    );
  }
}

function formatError(source: ByteSource, what: string, cause?: unknown): ExtensionEventError {
  return new ExtensionEventError(
    'EE_ELF_FORMAT',
    `${source.name} is not an ELF file that we can read: ${what}.`,
    'Check the file with `file` and `readelf -h`.',
    cause === undefined ? undefined : { cause },
  );
}

function tooLarge(source: ByteSource, section: ElfSection, max: number): ExtensionEventError {
  return formatError(source, `section ${section.name} has more than ${max} bytes`);
}
