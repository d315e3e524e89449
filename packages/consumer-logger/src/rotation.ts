import { renameSync, rmSync, statSync } from 'node:fs';
import { parse, join } from 'node:path';

/** The name of a closed file: `log.ndjson` → `log.1.ndjson`, which is the newest. */
export function rotatedPath(path: string, number: number): string {
  const { dir, ext, name } = parse(path);
  return join(dir, `${name}.${number}${ext}`);
}

/**
 * Makes room for a new file at this path: every closed file gets the next number, and what is more
 * than are to be kept is removed. An empty file is not worth keeping.
 *
 * @returns how many files were removed
 */
export function shiftFiles(path: string, keep: number): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || !found.isFile() || found.size === 0) return 0;
  const names = [path];
  // Up to the first gap: what is beyond was not put there by us, or is about to be overwritten.
  while (names.length <= keep && exists(rotatedPath(path, names.length)))
    names.push(rotatedPath(path, names.length));
  const removed = names.length > keep ? 1 : 0;
  if (removed > 0) rmSync(names.pop() ?? '');
  for (let number = names.length; number > 0; number--)
    renameSync(names[number - 1] ?? '', rotatedPath(path, number));
  return removed;
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
