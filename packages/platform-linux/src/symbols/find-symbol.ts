import { ExtensionEventError } from '@extension-events/core';
import type { LoadedFile } from './address-space.ts';
import type { ModuleSymbol } from './elf-module.ts';
import { isModuleNamed, splitOffset } from './find-text.ts';
import { similarNames } from './similar.ts';
import type { FoundAddress } from './types.ts';

interface Candidate {
  readonly file: LoadedFile;
  readonly symbol: ModuleSymbol;
}

const maxComparedNames = 500_000;
/** glibc's dynamic loader; musl's is its C library at the same time. */
const loader = /^ld(?:-linux.*|-\d.*|64)\.so(?:\.\d+)?$/;

/** Finds `symbol` or `symbol+16` in the files given; the first of them is the program. */
export function findSymbol(
  files: readonly LoadedFile[],
  text: string,
  module?: string,
): FoundAddress {
  const all = withoutCopies(files.filter(({ module: { path } }) => isAsked(path, module)));
  if (all.length === 0) throw unknownModule(module ?? '', files);
  // The loader has a malloc and a memcpy for itself, which are not those that the program will call.
  const isEarly = module === undefined && isUnlinked(files);
  const named = isEarly ? all.slice(0, 1) : all;
  const whole = findCandidates(named, text);
  if (whole.length > 0) return found(whole, text, 0);
  const split = splitOffset(text);
  const parts = split === undefined ? [] : findCandidates(named, split.name);
  if (split !== undefined && parts.length > 0) return found(parts, split.name, split.offset);
  if (isEarly) throw notYetLinked(split?.name ?? text, named);
  throw unknownSymbol(split?.name ?? text, named, module);
}

/** Does the process stand before its loader has run, so that its libraries are still to come? */
export function isUnlinked(files: readonly LoadedFile[]): boolean {
  const names = withoutCopies(files).map(({ module }) => baseName(module.path));
  const [, ...others] = names.filter((name) => !name.startsWith('['));
  return others.length === 1 && loader.test(others[0] ?? '');
}

/** Files that a module text names, each once. @throws ExtensionEventError `EE_SYMBOL_UNKNOWN` */
export function findModules(files: readonly LoadedFile[], module: string): LoadedFile[] {
  const named = withoutCopies(files.filter(({ module: { path } }) => isAsked(path, module)));
  if (named.length === 0) throw unknownModule(module, files);
  return named;
}

function isAsked(path: string, module: string | undefined): boolean {
  return module === undefined || isModuleNamed(path, module);
}

/** Code that was copied (V8 does so with its builtins) stands in memory twice; the larger part is it. */
export function withoutCopies(files: readonly LoadedFile[]): LoadedFile[] {
  const best = new Map<unknown, LoadedFile>();
  for (const file of files) {
    const other = best.get(file.module);
    if (other === undefined || other.mappings.length < file.mappings.length) {
      best.set(file.module, file);
    }
  }
  return [...best.values()];
}

function findCandidates(files: readonly LoadedFile[], name: string): Candidate[] {
  const candidates: Candidate[] = [];
  for (const [index, file] of files.entries()) {
    for (const symbol of file.module.symbolsNamed(name)) candidates.push({ file, symbol });
    // What the program itself defines is what its author means.
    if (index === 0 && candidates.length > 0) return candidates;
  }
  return candidates;
}

function found(all: readonly Candidate[], name: string, offset: number): FoundAddress {
  const { file, symbol } = choose(all, name);
  if (symbol.size > 0 && offset >= symbol.size) {
    throw new ExtensionEventError(
      'EE_SYMBOL_OUTSIDE',
      `${symbol.name} has ${symbol.size} bytes; an offset of ${offset} is not in it.`,
      `Give an offset below ${symbol.size}, or the address itself as 0x….`,
    );
  }
  return {
    address: BigInt(symbol.address + file.bias + offset),
    symbol: symbol.name,
    ...(symbol.size > 0 && { sizeBytes: symbol.size - offset }),
    module: file.module.path,
    kind: symbol.kind,
  };
}

/** Names that are visible to other files go before static ones, code and data before mere labels. */
function choose(all: readonly Candidate[], name: string): Candidate {
  let left = all;
  for (const isBetter of [
    ({ symbol }: Candidate) => symbol.binding !== 'local',
    ({ symbol }: Candidate) => symbol.kind !== 'label',
    ({ symbol }: Candidate) => symbol.size > 0,
  ]) {
    const better = left.filter(isBetter);
    if (better.length > 0) left = better;
  }
  const places = new Map(left.map((candidate) => [placeOf(candidate), candidate]));
  const [only] = places.values();
  if (only !== undefined && places.size === 1) return only;
  throw new ExtensionEventError(
    'EE_SYMBOL_AMBIGUOUS',
    `${name} is the name of ${places.size} symbols.`,
    `Say which: ${describe([...places.values()]).join(', ')}.`,
  );
}

function placeOf({ file, symbol }: Candidate): number {
  return file.bias + symbol.address;
}

/** Texts that find one candidate each. */
function describe(candidates: readonly Candidate[]): string[] {
  const forms = [
    ({ symbol }: Candidate) => symbol.name,
    ({ symbol }: Candidate) => symbol.mangled,
    ({ file, symbol }: Candidate) => `${baseName(file.module.path)}:${symbol.mangled}`,
    ({ file, symbol }: Candidate) =>
      `${baseName(file.module.path)}:0x${symbol.address.toString(16)}`,
  ];
  const some = candidates.slice(0, 10);
  for (const form of forms) {
    const texts = some.map((candidate) => form(candidate));
    if (new Set(texts).size === texts.length) return texts;
  }
  return some.map((candidate) => `0x${placeOf(candidate).toString(16)}`);
}

function unknownSymbol(
  name: string,
  files: readonly LoadedFile[],
  module: string | undefined,
): ExtensionEventError {
  const similar = similarNames(name, namesOf(files));
  const where = module ?? (files.length === 1 ? files[0]?.module.path : 'the process');
  const noTable = files.filter((file) => !file.module.symbolFile.hasSymtab).length;
  return new ExtensionEventError(
    'EE_SYMBOL_UNKNOWN',
    `No symbol ${name} in ${where}.`,
    similar.length > 0
      ? `Similar names: ${similar.join(', ')}.`
      : noTable > 0
        ? `${noTable} of ${files.length} files are stripped; install their debug symbols, or give 0x….`
        : 'Give 0x…, a symbol, symbol+16, libc.so.6:malloc or file.c:12.',
  );
}

function notYetLinked(name: string, [program]: readonly LoadedFile[]): ExtensionEventError {
  const similar = program === undefined ? [] : similarNames(name, namesOf([program]));
  return new ExtensionEventError(
    'EE_SYMBOL_UNKNOWN',
    `No symbol ${name} in ${program?.module.path ?? 'the program'}, and the process has mapped no library yet: it stands before its first instruction.`,
    similar.length > 0
      ? `Similar names: ${similar.join(', ')}. Symbols of libraries are found once the program runs: give its pid then.`
      : 'Symbols of libraries are found once the program runs: give its pid then, or use a uprobe by file, such as uprobe:/usr/lib/libc.so.6:malloc.',
  );
}

function* namesOf(files: readonly LoadedFile[]): IterableIterator<string> {
  let count = 0;
  for (const { module } of files) {
    for (const name of module.names()) {
      yield name;
      if (++count === maxComparedNames) return;
    }
  }
}

function unknownModule(module: string, files: readonly LoadedFile[]): ExtensionEventError {
  const names = [...new Set(files.map((file) => baseName(file.module.path)))];
  const similar = similarNames(module, names);
  return new ExtensionEventError(
    'EE_SYMBOL_UNKNOWN',
    module === '' ? 'The process has no file mapped.' : `No file ${module} is mapped.`,
    names.length === 0
      ? 'Look whether the process still runs and whether this user may read its maps.'
      : `Mapped files: ${(similar.length > 0 ? similar : names.slice(0, 10)).join(', ')}.`,
  );
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
