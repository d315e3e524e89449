import { type LogFormatName, formatOfPath, logFormats } from '@extension-events/consumer-logger';
import { usageError } from './output.ts';

/** What the command line says about the way of writing. */
export interface FormatWords {
  readonly format?: string;
  readonly json?: boolean;
  readonly out?: string;
}

/**
 * Where to: a path, or `undefined` for standard output, which `-` stands for too.
 *
 * @throws ExtensionEventError `EE_USAGE`
 */
export function chooseOut(out: string | undefined): string | undefined {
  if (out === '')
    throw usageError('--out names no file.', 'Give a path, or - for standard output.');
  return out === '-' ? undefined : out;
}

/** A format, and why it is that one. */
export interface ChosenFormat {
  readonly name: LogFormatName;
  readonly why: string;
}

/**
 * `--format`, else `--json`, else what the ending of `--out` stands for, else text.
 *
 * @throws ExtensionEventError `EE_USAGE`
 */
export function chooseFormat({ format, json, out }: FormatWords): ChosenFormat {
  const name = logFormats.find((one) => one === format);
  if (format !== undefined && name === undefined)
    throw usageError(`There is no format ${format}.`, `Choose one of ${logFormats.join(', ')}.`);
  if (json === true && name !== undefined && name !== 'ndjson')
    throw usageError(`--json is --format ndjson, and --format ${name} is given too.`, 'Leave one of them out.'); // prettier-ignore
  if (name !== undefined) return { name, why: '' };
  if (json === true) return { name: 'ndjson', why: '' };
  const byPath = out === undefined ? undefined : formatOfPath(out);
  return byPath === undefined
    ? { name: 'text', why: '' }
    : { name: byPath, why: ' (by its ending)' };
}
