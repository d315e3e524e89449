import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type CdpSession, evaluateSnippet } from '@extension-events/platform-v8';

/** What the traced program is. */
export interface Program {
  /** File name of its entry script. */
  readonly name: string;
  /** Directory of the package that the entry script belongs to. */
  readonly root: string;
}

// A worker has an argv of its own; only the main thread knows the program's.
const entrySnippet = `[process.argv[1] ?? process.argv0, process.cwd()]`;

/** Asks the main thread what program it runs. */
export async function readProgram(main: CdpSession): Promise<Program> {
  const [entry, directory] = await evaluateSnippet<[string, string]>(main, 'entry', entrySnippet);
  return {
    name: basename(entry),
    root: packageRoot(real(entry.startsWith('/') ? entry : join(directory, entry))),
  };
}

// `node_modules/.bin/tool` is a link into the package that the program is.
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The nearest directory at or above a file that has a package.json, else the file's own. */
export function packageRoot(file: string): string {
  for (let directory = dirname(file); ; directory = dirname(directory)) {
    if (existsSync(join(directory, 'package.json'))) return directory;
    if (directory === dirname(directory)) return dirname(file);
  }
}
