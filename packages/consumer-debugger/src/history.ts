import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { tryFindHome } from './home.ts';

/** Lines that are kept from one session to the next. */
export const historySize = 1000;

/** Where the lines typed at the prompt are kept: under the user's state directory (XDG); `undefined` where there is no home. */
export function historyFile(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const state = env['XDG_STATE_HOME'] ?? '';
  // The specification has relative paths ignored.
  const home = tryFindHome();
  const base = isAbsolute(state) ? state : home && join(home, '.local', 'state');
  return base && join(base, 'extension-events', 'debug-history');
}

/** Newest first, as readline wants them; a file that cannot be read is an empty history. */
export function readHistory(file: string): string[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines
      .filter((line) => line !== '')
      .slice(-historySize)
      .toReversed();
  } catch {
    return [];
  }
}

/** Writes the whole file anew, readable for its owner only; a full disk costs the history, no more. */
export function writeHistory(file: string, newestFirst: readonly string[]): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const lines = newestFirst.slice(0, historySize).toReversed();
    const temporary = `${file}.${process.pid}`;
    writeFileSync(temporary, `${lines.join('\n')}\n`, { mode: 0o600 });
    renameSync(temporary, file);
  } catch {
    // Not worth a word at the end of a session.
  }
}
