import { posix } from 'node:path';
import { crc32 } from './crc32.ts';
import { readElf } from './elf.ts';
import type { ElfFile } from './elf-types.ts';
import { openFirst, type OpenedFile } from './process-files.ts';

/** A separate file with symbols and debug information. */
export interface DebugFile extends OpenedFile {
  readonly elf: ElfFile;
}

/** Reading more than this for a checksum takes longer than a name is worth. */
const maxCheckedBytes = 2 ** 30;

/**
 * Finds the separate debug file of an ELF file: by build id below each debug directory, then by
 * .gnu_debuglink beside the file, in .debug, and below each debug directory. `roots` come before
 * each path: the target's root directory, then ours. A file that is not of this build is passed by.
 *
 * @see https://sourceware.org/gdb/current/onlinedocs/gdb.html/Separate-Debug-Files.html
 */
export function findDebugFile(
  elf: ElfFile,
  path: string,
  roots: readonly string[],
  debugDirectories: readonly string[],
): DebugFile | undefined {
  const { buildId, debugLink } = elf;
  if (buildId !== undefined && buildId.length > 2) {
    const name = `.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`;
    const paths = debugDirectories.map((directory) => posix.join(directory, name));
    const found = firstMatching(withRoots(roots, paths), (file) => file.elf.buildId === buildId);
    if (found !== undefined) return found;
  }
  if (debugLink === undefined || debugLink.name.includes('/')) return undefined;
  const directory = posix.dirname(path);
  const paths = [
    posix.join(directory, debugLink.name),
    posix.join(directory, '.debug', debugLink.name),
    ...debugDirectories.map((debug) => posix.join(debug, directory, debugLink.name)),
  ].filter((candidate) => candidate !== path);
  return firstMatching(withRoots(roots, paths), (file) =>
    buildId !== undefined && file.elf.buildId !== undefined
      ? buildId === file.elf.buildId
      : hasCrc(file, debugLink.crc),
  );
}

function withRoots(
  roots: readonly string[],
  paths: readonly string[],
): { readonly way: string; readonly plain: string }[] {
  return paths.flatMap((plain) => roots.map((root) => ({ way: root + plain, plain })));
}

function firstMatching(
  ways: readonly { readonly way: string; readonly plain: string }[],
  isOurs: (file: DebugFile) => boolean,
): DebugFile | undefined {
  for (const { way, plain } of ways) {
    const opened = openFirst([way], plain);
    if (opened === undefined) continue;
    try {
      const file = { ...opened, elf: readElf(opened.source) };
      if (isOurs(file)) return file;
    } catch {
      // Not an ELF file.
    }
    opened.source[Symbol.dispose]();
  }
  return undefined;
}

function hasCrc({ source }: DebugFile, wanted: number): boolean {
  if (source.size > maxCheckedBytes) return false;
  let crc = 0;
  for (let offset = 0; offset < source.size;) {
    const bytes = source.read(offset, 1 << 20);
    if (bytes.length === 0) break;
    crc = crc32(bytes, crc);
    offset += bytes.length;
  }
  return crc === wanted;
}
