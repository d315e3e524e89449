import type { RotateOptions } from '@extension-events/consumer-logger';
import { usageError } from './output.ts';

const bytesPer: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};
const msPer: Readonly<Record<string, number>> = { s: 1e3, min: 6e4, h: 3.6e6, d: 8.64e7 };

/**
 * Reads `10MB,1h,keep=5`: a size, a time or both, and how many closed files are kept, in any order.
 *
 * @throws ExtensionEventError `EE_USAGE`
 */
export function parseRotate(text: string): RotateOptions {
  const read: { bytes?: number; ms?: number; keep?: number } = {};
  for (const word of text.split(',')) {
    const [key, value] = parseWord(word.trim());
    if (read[key] !== undefined) throw wrong(`${text} says twice how ${key === 'keep' ? 'many files to keep' : key === 'bytes' ? 'large' : 'old'} a file may be.`); // prettier-ignore
    read[key] = value;
  }
  if (read.bytes === undefined && read.ms === undefined) throw wrong(`${text} has neither size nor time.`); // prettier-ignore
  return read;
}

function parseWord(word: string): readonly ['bytes' | 'ms' | 'keep', number] {
  const keep = /^keep=(\d{1,6})$/.exec(word)?.[1];
  if (keep !== undefined) return ['keep', Number(keep)];
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(word) ?? [];
  const bytes = Math.floor(Number(digits) * (bytesPer[unit] ?? 0));
  if (bytes > 0) return ['bytes', bytes];
  const ms = Number(digits) * (msPer[unit] ?? 0);
  if (ms > 0) return ['ms', ms];
  throw wrong(`${word} is neither a size, a time nor keep=N.`);
}

function wrong(message: string): Error {
  return usageError(message, `Write for example --rotate 10MB,1h,keep=5; sizes end in ${Object.keys(bytesPer).join(' ')}, times in ${Object.keys(msPer).join(' ')}.`); // prettier-ignore
}
