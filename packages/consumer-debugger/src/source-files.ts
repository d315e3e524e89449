import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `file:` URLs become paths; everything else stays as it is. */
export function toFile(url: string): string {
  if (!url.startsWith('file:')) return url;
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}

/** Where paths are shown from. */
export interface PathBases {
  /** The debugger's own directory: paths below it are shown as a shell there would take them. */
  readonly cwd: string;
  /** The traced program's package root: paths below it begin with its last directory. */
  readonly root: string | undefined;
}

/** A path as short as it stays clear; what is no absolute path stays as it is. */
export function showPath(file: string, bases: PathBases): string {
  if (!isAbsolute(file)) return file;
  const fromHere = below(bases.cwd, file);
  if (fromHere !== undefined) return fromHere;
  const root = bases.root === undefined ? undefined : toFile(bases.root);
  const fromRoot = root === undefined ? undefined : below(root, file);
  if (root !== undefined && fromRoot !== undefined) {
    const name = root.split(sep).findLast((part) => part !== '') ?? '';
    return `${name}${sep}${fromRoot}`;
  }
  const home = tryFindHome();
  const fromHome = home === undefined ? undefined : below(home, file);
  return fromHome === undefined ? file : `~${sep}${fromHome}`;
}

function below(directory: string, file: string): string | undefined {
  if (!isAbsolute(directory) || directory === sep) return undefined;
  const path = relative(directory, file);
  return path === '' || path.startsWith('..') || isAbsolute(path) ? undefined : path;
}

/** Does a path, a URL or its end, as the user wrote it, mean this file? */
export function isFileNamed(file: string, wanted: string): boolean {
  const normal = toFile(wanted).replace(/^\.\//, '');
  return file === normal || (normal !== '' && file.endsWith(`/${normal}`));
}

/** Code of Node itself, of this project's snippets, or of a dependency. */
export function isProgramCode(url: string): boolean {
  return (
    url !== '' && !/^(?:node:|extension-events:|wasm:)/.test(url) && !url.includes('/node_modules/')
  );
}

/**
 * Is `stripped` what type stripping leaves of `original`, where blanks replace the types?
 * Compared line by line, so that the lines shown belong to the code that runs.
 */
export function isStrippedFrom(stripped: readonly string[], original: readonly string[]): boolean {
  // The runtime appends a sourceURL line of its own.
  const count =
    stripped.at(-1)?.startsWith('//# sourceURL=') === true ? stripped.length - 1 : stripped.length;
  if (count > original.length) return false;
  return stripped.slice(0, count).every((line, index) => isWithin(line, original[index] ?? ''));
}

/** Do the visible characters of `part` occur in `whole`, in order? */
function isWithin(part: string, whole: string): boolean {
  let index = 0;
  for (const character of part) {
    // Stripping may write a semicolon or a bracket in place of a type.
    if (/\s/.test(character) || ';()'.includes(character)) continue;
    index = whole.indexOf(character, index) + 1;
    if (index === 0) return false;
  }
  return true;
}
import { tryFindHome } from './home.ts';
