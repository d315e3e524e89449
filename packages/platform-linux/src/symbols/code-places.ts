import { ExtensionEventError } from '@extension-events/core';
import { ElfModule } from './elf-module.ts';
import type { ElfFile } from './elf-types.ts';
import { findSymbol } from './find-symbol.ts';
import { parseAddressText } from './find-text.ts';
import { openFirst } from './process-files.ts';
import type { UsdtProbe } from './notes.ts';

/** An instruction in a file, as uprobes want it. */
export interface CodePlace {
  /** As the file has it, before loading. */
  readonly address: number;
  /** Where in the file the instruction is. */
  readonly fileOffset: bigint;
  /** Demangled. */
  readonly symbol?: string;
  /** Bytes from the start of the symbol. */
  readonly symbolOffset?: number;
}

/** A USDT probe, as uprobes want it. */
export interface UsdtPlace extends UsdtProbe {
  readonly fileOffset: bigint;
  /** Where in the file the semaphore is, for `ref_ctr_offset`. */
  readonly semaphoreOffset?: bigint;
}

/**
 * Where in the file the byte is that is loaded to an address: vaddr - p_vaddr + p_offset.
 * `undefined` when no segment holds it, or only as zeros that the file does not have.
 */
export function fileOffsetOf(elf: ElfFile, address: number): bigint | undefined {
  const segment = segmentOf(elf, address);
  return segment === undefined ? undefined : BigInt(address - segment.address + segment.offset);
}

/** Is the address one of a function that the file names? Says nothing of instruction boundaries. */
export function isInsideFunction(elf: ElfFile, address: number): boolean {
  const symbol = elf.symbols.code(address);
  return symbol !== undefined && symbol.kind !== 'label' && segmentOf(elf, address) !== undefined;
}

/**
 * Opens an ELF file together with its separate debug file.
 *
 * @param pid - Whose view of the file system the path is in; ours without it.
 * @throws ExtensionEventError `EE_ELF_READ`, `EE_ELF_FORMAT`
 */
export function openElfModule(
  path: string,
  options: { readonly pid?: number; readonly debugDirectories?: readonly string[] } = {},
): ElfModule {
  const roots = options.pid === undefined ? [''] : [`/proc/${options.pid}/root`, ''];
  const file = openFirst(
    roots.map((root) => root + path),
    path,
  );
  if (file === undefined) {
    throw new ExtensionEventError(
      'EE_ELF_READ',
      `${path} is not a file that can be read.`,
      'Give the whole path of a program or a shared library.',
    );
  }
  try {
    return new ElfModule(path, file, roots, options.debugDirectories ?? ['/usr/lib/debug']);
  } catch (error) {
    file.source[Symbol.dispose]();
    throw error;
  }
}

/**
 * The instruction that `symbol`, `symbol+16` or `0x…` (an address of the file) means. It has to be
 * inside a function when the file names any there: the kernel puts a uprobe wherever it is told to,
 * and the program breaks.
 *
 * @throws ExtensionEventError `EE_SYMBOL_UNKNOWN`, `EE_SYMBOL_AMBIGUOUS`, `EE_SYMBOL_OUTSIDE`
 */
export function locateCode(module: ElfModule, text: string): CodePlace {
  const asked = parseAddressText(text);
  let address: number;
  if (asked.kind === 'address') {
    address = Number(asked.address);
  } else {
    const file = { module, bias: 0, mappings: [], end: 0 };
    address = Number(findSymbol([file], asked.kind === 'symbol' ? asked.name : text).address);
  }
  const fileOffset = fileOffsetOf(module.elf, address);
  const segment = segmentOf(module.elf, address);
  if (fileOffset === undefined || segment?.isExecutable !== true) {
    throw outside(`${text} is not in the code of ${module.path}`);
  }
  const symbol = module.symbolFile.symbols.code(address);
  if (symbol === undefined) {
    if (module.symbolFile.symbols.size > 0 && module.symbolFile.hasSymtab) {
      throw outside(`${text} is in no function of ${module.path}`);
    }
    return { address, fileOffset };
  }
  const name = module.symbolAt(address, true)?.name ?? symbol.name;
  return { address, fileOffset, symbol: name, symbolOffset: address - symbol.address };
}

/** USDT probes of a file with their places in it; a name may stand for several places. */
export function usdtPlaces(elf: ElfFile): UsdtPlace[] {
  return elf.usdtProbes.flatMap((probe) => {
    const fileOffset = fileOffsetOf(elf, probe.address);
    if (fileOffset === undefined) return [];
    const { semaphoreAddress } = probe;
    const semaphoreOffset =
      semaphoreAddress === undefined ? undefined : fileOffsetOf(elf, semaphoreAddress);
    return [{ ...probe, fileOffset, ...(semaphoreOffset !== undefined && { semaphoreOffset }) }];
  });
}

function segmentOf(elf: ElfFile, address: number): ElfFile['segments'][number] | undefined {
  return elf.segments.find(
    (segment) => address >= segment.address && address - segment.address < segment.fileSize,
  );
}

function outside(what: string): ExtensionEventError {
  return new ExtensionEventError(
    'EE_SYMBOL_OUTSIDE',
    `${what}.`,
    'Give the name of a function, or an address inside one as `objdump -d` shows it.',
  );
}
