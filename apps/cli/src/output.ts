import { once } from 'node:events';
import { styleText } from 'node:util';
import { ExtensionEventError } from '@extension-events/core';

/** Data goes to stdout, talk to stderr. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Writes one line of data; resolves when the reader keeps up. */
export async function print(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

/** Writes one line of data without waiting: for streams that may outrun their reader. */
export function printNow(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One JSON document or NDJSON line: `u64` fields as decimal strings, bytes as base64. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) => {
    if (typeof field === 'bigint') return field.toString();
    return field instanceof Uint8Array ? Buffer.from(field).toString('base64') : field;
  });
}

/** Colour only for a terminal that wants it. */
export function paint(style: Parameters<typeof styleText>[0], text: string): string {
  const wanted = process.env['FORCE_COLOR'] !== undefined || (process.stdout.isTTY && process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb'); // prettier-ignore
  return wanted ? styleText(style, text, { validateStream: false }) : text;
}

/** Says what went wrong: code, message and hint of a coded error. */
export function sayError(error: unknown): void {
  if (isCoded(error)) say(`${error.code}: ${error.message}\nhint: ${error.hint}`);
  else say(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** Errors of other copies of core count too. */
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
