import { ExtensionEventError } from '@extension-events/core';
import { exitCode } from './exit-codes.ts';

// Lines of the same turn are written together: a burst of events is one write, not thousands.
// Writes to files, pipes and terminals are synchronous on Linux, so a slow reader slows us down
// and what the agent cannot hand over meanwhile is counted as lost; nothing piles up in here.
const waiting: string[] = [];
let leave: () => void = () => undefined;

/** Resolves when whoever read standard output went away, as `head` does. */
export const readerGone: Promise<'reader-gone'> = new Promise((resolve) => {
  leave = () => resolve('reader-gone');
});

/** Data goes to stdout: one line, at the end of this turn. */
export function print(line: string): void {
  if (waiting.push(line) === 1) queueMicrotask(flushLines);
}

/** Writes what `print` has gathered. */
export function flushLines(): void {
  if (waiting.length > 0 && process.stdout.writable)
    process.stdout.write(`${waiting.join('\n')}\n`);
  waiting.length = 0;
}

/** Talk goes to stderr, after the data that came before it. */
export function say(line: string): void {
  flushLines();
  process.stderr.write(`${line}\n`);
}

/** Takes care of readers that go away: quietly for stdout, without any harm for stderr. */
export function watchReaders(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', onOutputError);
}

/** From here on somebody else writes to stdout, and takes care of what goes wrong there. */
export function yieldOutput(): NodeJS.WriteStream {
  process.stdout.off('error', onOutputError);
  return process.stdout;
}

function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') {
    sayError(new ExtensionEventError('EE_OUTPUT', `Standard output cannot be written to: ${error.message}.`, 'Make room there, or send the output elsewhere.')); // prettier-ignore
    process.exit(exitCode.failed);
  }
  leave();
}

export { toJson } from '@extension-events/consumer-logger/format';

/** Says what went wrong: code, message and hint; what has none is a fault of ours. */
export function sayError(error: unknown): void {
  if (isCoded(error)) {
    say(`${error.code}: ${error.message}${error.hint === '' ? '' : `\nhint: ${error.hint}`}`);
    return;
  }
  say(
    `EE_FAULT: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nhint: this is a fault of extev; please report it with these lines`,
  );
}

/** Recognizes coded errors by their shape: other copies of core count too. */
export function isCoded(error: unknown): error is ExtensionEventError {
  const { code, hint } = (error ?? {}) as { code?: unknown; hint?: unknown };
  return typeof code === 'string' && code.startsWith('EE_') && typeof hint === 'string';
}

/** A table with two blanks between columns. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** The error of a command line that does not make sense. */
export function usageError(message: string, hint: string): ExtensionEventError {
  return new ExtensionEventError('EE_USAGE', message, hint);
}
