import { compilePattern } from '@extension-events/core';
import type { ListenOptions } from '@extension-events/session';
import { loggerError } from './errors.ts';
import { formatOfPath, logFormats } from './format.ts';
import type { LoggerOptions, LogFormatName } from './types.ts';

/**
 * The listens that the options stand for.
 *
 * @throws ExtensionEventError `EE_PATTERN`, `EE_LOG_OPTIONS`
 */
export function listensOf(options: LoggerOptions): readonly ListenOptions[] {
  const { patterns, request, stack, where } = options;
  if (patterns.length === 0)
    throw loggerError('EE_LOG_OPTIONS', 'There is no pattern to log.', 'Give at least one name or pattern.'); // prettier-ignore
  return patterns.map((one) => {
    const listen: ListenOptions =
      typeof one === 'string'
        ? {
            pattern: one,
            ...(where === undefined ? {} : { where }),
            ...(request === undefined ? {} : { request }),
            ...(stack === undefined ? {} : { stack }),
          }
        : one;
    compilePattern(listen.pattern);
    if (listen.catch !== undefined)
      throw loggerError('EE_LOG_OPTIONS', 'A logger stops nothing: catch makes no sense.', 'Leave it out; debuggers catch.'); // prettier-ignore
    return listen;
  });
}

/** @throws ExtensionEventError `EE_LOG_OPTIONS` */
export function checkOptions(options: LoggerOptions): void {
  const { bufferBytes, flushMs, format, maxHit, out, rotate = {} } = options;
  if (format !== undefined && !logFormats.includes(format))
    throw loggerError('EE_LOG_OPTIONS', `There is no format ${format}.`, `Choose one of ${logFormats.join(', ')}.`); // prettier-ignore
  const numbers = { bufferBytes, flushMs, maxHit, 'rotate.bytes': rotate.bytes, 'rotate.ms': rotate.ms, 'rotate.keep': rotate.keep }; // prettier-ignore
  for (const [name, value] of Object.entries(numbers)) {
    const least = name === 'rotate.keep' || name === 'flushMs' ? 0 : 1;
    if (value !== undefined && !(Number.isFinite(value) && value >= least))
      throw loggerError('EE_LOG_OPTIONS', `${name} is ${String(value)}.`, `It takes a number from ${least} on.`); // prettier-ignore
  }
  if (options.rotate === undefined) return;
  if (rotate.bytes === undefined && rotate.ms === undefined)
    throw loggerError('EE_LOG_OPTIONS', 'Nothing says when to rotate.', 'Give a size or a time: { bytes: 10e6 } or { ms: 3.6e6 }.'); // prettier-ignore
  if (typeof out !== 'string')
    throw loggerError('EE_LOG_OPTIONS', 'A stream cannot be rotated.', 'Give a path as out.');
}

/** The format that is asked for, or that the path stands for. */
export function chooseFormat({ format, out }: LoggerOptions): LogFormatName {
  return format ?? (typeof out === 'string' ? formatOfPath(out) : undefined) ?? 'text';
}
