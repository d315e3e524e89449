import type { ByteSource } from './byte-source.ts';
import type { EhFrameHdr } from './eh-frame-hdr.ts';
import type { SymbolTable } from './symbol-table.ts';
import type { UsdtProbe } from './notes.ts';

/** A program header, of PT_LOAD mostly: what of the file is mapped, and where. */
export interface ElfSegment {
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly isExecutable: boolean;
}

/** A section header. */
export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  /** In the file; 0 for sections that take no room there. */
  readonly fileSize: number;
  readonly size: number;
  readonly link: number;
  readonly entrySize: number;
}

/** An ELF64 little-endian file. Everything but the headers is read when asked for. */
export interface ElfFile {
  readonly source: ByteSource;
  /** e_type: 2 an executable at a fixed address, 3 a shared object or a PIE. */
  readonly type: number;
  readonly machine: 'x86-64' | 'arm64' | 'other';
  readonly segments: readonly ElfSegment[];
  readonly sections: readonly ElfSection[];
  readonly hasSymtab: boolean;
  /** Lower-case hex digits. */
  readonly buildId: string | undefined;
  /** Name of a file with debug information, and the CRC-32 of its content. */
  readonly debugLink: { readonly name: string; readonly crc: number } | undefined;
  /** Of .symtab, of .dynsym in stripped files. */
  readonly symbols: SymbolTable;
  /** Starts of functions, which stripped files have as well; `undefined` when it has no such table. */
  readonly functionStarts: EhFrameHdr | undefined;
  readonly usdtProbes: readonly UsdtProbe[];
  section(name: string): ElfSection | undefined;
  /**
   * Content of a section, decompressed; empty when there is none.
   *
   * @throws ExtensionEventError `EE_ELF_FORMAT` when it is damaged or larger than `maxBytes`
   */
  sectionBytes(name: string, maxBytes?: number): Uint8Array;
}
