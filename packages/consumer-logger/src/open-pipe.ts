import { accessSync, constants, openSync, statSync, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import { dirname } from 'node:path';
import { openError } from './errors.ts';

/**
 * Opens a named pipe, which may take less than comes; `undefined` where the path is none.
 *
 * @throws ExtensionEventError `EE_LOG_OPEN` when nobody reads it: a blocking open would wait for that for ever
 */
export function openPipe(path: string): Socket | undefined {
  if (tryStat(path)?.isFIFO() !== true) return undefined;
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    return new Socket({ fd, readable: false, writable: true });
  } catch (error) {
    throw openError(path, error as NodeJS.ErrnoException);
  }
}

/**
 * Would this path open? For those who want to know before they attach to anything. Nothing is
 * changed, and the answer may be out of date a moment later.
 *
 * @throws ExtensionEventError `EE_LOG_OPEN`
 */
export function checkOut(path: string): void {
  try {
    const found = tryStat(path);
    if (found?.isDirectory() === true) throw Object.assign(new Error(), { code: 'EISDIR' });
    accessSync(found === undefined ? `${dirname(path)}/` : path, constants.W_OK);
  } catch (error) {
    throw openError(path, error as NodeJS.ErrnoException);
  }
}

function tryStat(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
