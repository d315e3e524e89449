import { ExtensionEventError } from '@extension-events/core';
import type { LoadedFile } from './address-space.ts';
import { baseName } from './find-symbol.ts';
import type { LinePlace } from './line-table.ts';
import { similarNames } from './similar.ts';
import type { SourceLines } from './source-lines.ts';
import type { FoundAddress } from './types.ts';

/**
 * Finds `file.c:12` in the first file that has it; the program itself comes first. A line without
 * code of its own means the next one that has some, as in other debuggers.
 *
 * @throws ExtensionEventError `EE_SYMBOL_UNKNOWN`, `EE_SYMBOL_AMBIGUOUS`
 */
export function findLine(
  files: readonly LoadedFile[],
  file: string,
  line: number,
  lines: SourceLines,
): FoundAddress {
  for (const loaded of files) {
    const [place, ...others] = exactFirst(lines.table(loaded.module).placesOf(file, line), line);
    if (place === undefined) continue;
    if (others.length > 0) throw ambiguous(file, line, [place, ...others]);
    const symbol = loaded.module.symbolAt(place.address, true);
    return {
      address: BigInt(place.address + loaded.bias),
      ...(symbol !== undefined && { symbol: symbol.name }),
      module: loaded.module.path,
      line: place.line,
    };
  }
  throw unknown(files, file, line, lines);
}

/** Of several source files of one name those with code in that very line, if there are any. */
function exactFirst(places: readonly LinePlace[], line: number): readonly LinePlace[] {
  const exact = places.filter((place) => place.line === line);
  return exact.length > 0 ? exact : places;
}

function ambiguous(file: string, line: number, places: readonly LinePlace[]): ExtensionEventError {
  return new ExtensionEventError(
    'EE_SYMBOL_AMBIGUOUS',
    `${file}:${line} is a line of ${places.length} source files.`,
    `Say which: ${places
      .slice(0, 10)
      .map((place) => `${place.file}:${line}`)
      .join(', ')}.`,
  );
}

function unknown(
  files: readonly LoadedFile[],
  file: string,
  line: number,
  lines: SourceLines,
): ExtensionEventError {
  const known = files.flatMap(({ module }) => lines.table(module).files());
  const isThere = known.some((path) => path === file || path.endsWith(`/${file}`));
  const similar = similarNames(
    baseName(file),
    known.map((path) => baseName(path)),
  );
  const noSource = known.length === 0;
  return new ExtensionEventError(
    'EE_SYMBOL_UNKNOWN',
    isThere ? `${file} has no code at or behind line ${line}.` : `No source file ${file} is known.`,
    noSource
      ? 'The program has no debug information; compile it with -g, or name a function.'
      : isThere
        ? 'Give a line before the end of the last function.'
        : `Source files with similar names: ${similar.join(', ') || 'none'}.`,
  );
}
