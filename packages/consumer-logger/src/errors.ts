import { ExtensionEventError } from '@extension-events/core';

/** Codes of the logger's own errors; `ExtensionEventError` carries them. */
export const loggerErrorCodes = {
  EE_LOG_OPTIONS: 'An option of the logger makes no sense.',
  EE_LOG_OPEN: 'The output cannot be opened.',
  EE_LOG_WRITE: 'The output cannot be written to any more.',
  EE_LOG_FULL: 'There is no room left where the output is written.',
  EE_LOG_READER_GONE: 'Whoever read the output has gone.',
  EE_LOG_STUCK: 'The output does not take what was written to it.',
} as const;

export type LoggerErrorCode = keyof typeof loggerErrorCodes;

/** One of the logger's own errors. */
export function loggerError(
  code: LoggerErrorCode,
  message: string,
  hint: string,
  cause?: unknown,
): ExtensionEventError {
  return new ExtensionEventError(code, message, hint, cause === undefined ? {} : { cause });
}

/** Says what became of a write that failed. */
export function writeError(where: string, cause: NodeJS.ErrnoException): ExtensionEventError {
  const { code = '', message } = cause;
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code))
    return loggerError('EE_LOG_FULL', `There is no room left for ${where} (${code}).`, 'Make room, or bound what is kept: rotate by size and keep fewer files.', cause); // prettier-ignore
  if (['EPIPE', 'ECONNRESET'].includes(code))
    return loggerError('EE_LOG_READER_GONE', `Whoever read ${where} has gone.`, 'Start again with a reader that stays.', cause); // prettier-ignore
  return loggerError('EE_LOG_WRITE', `${where} cannot be written to: ${message}.`, 'Check the medium, or write elsewhere.', cause); // prettier-ignore
}

const elsewhere = 'Give a path that this user may write to.';

/** What the system answers to an open → why, and what to do. */
const refusals: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['its directory does not exist', 'Make the directory first, or correct the path.'],
  ENOTDIR: ['a part of its path is no directory', 'Correct the path.'],
  EISDIR: ['it is a directory', 'Give the path of a file.'],
  EACCES: ['permission was denied (EACCES)', elsewhere],
  EPERM: ['permission was denied (EPERM)', elsewhere],
  EROFS: ['the file system is read-only', elsewhere],
  ENXIO: ['nobody reads it', 'Start the reader of the pipe first.'],
};

/** Says why a file could not be opened, and what to do. */
export function openError(path: string, cause: NodeJS.ErrnoException): ExtensionEventError {
  const [why, hint] = refusals[cause.code ?? ''] ?? [cause.message, elsewhere];
  return loggerError('EE_LOG_OPEN', `${path} cannot be opened for writing: ${why}.`, hint, cause);
}
