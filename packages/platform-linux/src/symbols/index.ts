export { createSymbols, type SymbolsOptions } from './symbols.ts';
export type { FoundAddress, LoadedModule, ResolvedAddress, SourceLine, Symbols } from './types.ts';
export {
  fileOffsetOf,
  isInsideFunction,
  locateCode,
  openElfModule,
  usdtPlaces,
  type CodePlace,
  type UsdtPlace,
} from './code-places.ts';
export {
  evaluateUsdtArgument,
  parseUsdtArguments,
  type RegisterPart,
  type UsdtArgument,
  type UsdtContext,
  type UsdtOperand,
} from './usdt-arguments.ts';
export { ElfModule, type ModuleSymbol } from './elf-module.ts';
export { readElf } from './elf.ts';
export type { EhFrameHdr } from './eh-frame-hdr.ts';
export type { ElfFile, ElfSection, ElfSegment } from './elf-types.ts';
export type { ElfSymbol, SymbolTable } from './symbol-table.ts';
export { bytesSource, fileSource, type ByteSource } from './byte-source.ts';
export { findMapping, parseMaps, type Mapping } from './maps.ts';
export { parsePerfMap, PerfMap, type PerfMapEntry } from './perf-map.ts';
export { parseKallsyms, type KernelSymbol, type KernelSymbols } from './kallsyms.ts';
export type { UsdtProbe } from './notes.ts';
export { readLineTable, type LinePlace, type LineTable } from './line-table.ts';
export type { LineSections } from './line-header.ts';
export { demangle } from './demangle.ts';
export { symbolsErrorCodes } from './errors.ts';
