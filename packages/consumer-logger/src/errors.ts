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
  switch (cause.code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return loggerError('EE_LOG_FULL', `There is no room left for ${where} (${cause.code}).`, 'Make room, or bound what is kept: rotate by size and keep fewer files.', cause); // prettier-ignore
    case 'EPIPE':
    case 'ECONNRESET':
      return loggerError('EE_LOG_READER_GONE', `Whoever read ${where} has gone.`, 'Nothing was lost up to there; start again with a reader that stays.', cause); // prettier-ignore
    default:
      return loggerError('EE_LOG_WRITE', `${where} cannot be written to: ${cause.message}.`, 'Check the medium, or write elsewhere.', cause); // prettier-ignore
  }
}

/** Says why a file could not be opened, and what to do. */
export function openError(path: string, cause: NodeJS.ErrnoException): ExtensionEventError {
  return loggerError('EE_LOG_OPEN', `${path} cannot be opened for writing: ${reason(cause)}.`, remedy(cause.code), cause); // prettier-ignore
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT':
      return 'its directory does not exist';
    case 'ENOTDIR':
      return 'a part of its path is no directory';
    case 'EISDIR':
      return 'it is a directory';
    case 'EACCES':
    case 'EPERM':
      return `permission was denied (${code})`;
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENXIO':
      return 'nobody reads it';
    default:
      return message;
  }
}

function remedy(code: string | undefined): string {
  switch (code) {
    case 'ENOENT':
      return 'Make the directory first, or correct the path.';
    case 'ENXIO':
      return 'Start the reader of the pipe first.';
    case 'EISDIR':
      return 'Give the path of a file.';
    default:
      return 'Give a path that this user may write to.';
  }
}
