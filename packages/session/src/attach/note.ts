import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  mkdirSync,
  openSync,
  chownSync,
  readFileSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  checkSocketDirectory,
  parseSocketName,
  type ProcessIdentity,
  socketDirectory,
  socketName,
} from '@extension-events/protocol';
import { refusals } from './refusals.ts';
import type { Target } from './target.ts';

// A file beside the socket, `<pid>-<starttime>.sock.attach`, stands there from just before the
// signal until the inspector is seen closed again. It serves two readers:
// - the next attach: an attacher that was killed in between leaves the note, and that is how the
//   next one knows that an open inspector is no wish of the user's and has to be closed;
// - this attach: the observed process writes into it why its agent thread failed. It never creates
//   the file, so an agent that fails at another time leaves nothing behind.

/** The note of one attach. */
export interface AttachNote {
  readonly path: string;
  /** An earlier attach did not get to its end. */
  readonly isLeftOver: boolean;
  /** The inspector may be open, or may open yet, on our account. */
  mustStay: boolean;
  /** Sockets that listened before our signal, by inode; none of them is an inspector of ours. */
  listenersBefore: ReadonlySet<number>;
  /** What the observed process wrote; empty as long as nothing failed. */
  read(): string;
  remove(): void;
}

const suffix = '.attach';
const privateFile = 0o600;

/** File name of the note of one process. */
export function noteName(pid: number, startTime: number): string {
  return socketName(pid, startTime) + suffix;
}

/** Reads the file name of a note back. */
export function parseNoteName(name: string): ProcessIdentity | undefined {
  const socket = name.endsWith(suffix) ? parseSocketName(name.slice(0, -suffix.length)) : undefined;
  return socket?.role === 'agent' ? { pid: socket.pid, startTime: socket.startTime } : undefined;
}

/** Whether there is a note: an attach is under way, or one was killed. */
export function hasAttachNote(identity: ProcessIdentity, uid: number): boolean {
  return existsSync(join(socketDirectory(uid), noteName(identity.pid, identity.startTime)));
}

/**
 * Writes the note. Root writes it for the user of the observed process.
 *
 * @throws ExtensionEventError `EE_SOCKET_DIR`
 */
export function writeAttachNote(target: Target): AttachNote {
  try {
    return write(target);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('EE_') === true) throw error;
    throw refusals.noNote(target.pid, socketDirectory(target.uid), message, error);
  }
}

function write(target: Target): AttachNote {
  const directory = openDirectory(target);
  const path = join(socketDirectory(target.uid), noteName(target.pid, target.startTime));
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY, O_TRUNC } = constants;
  let isLeftOver = false;
  try {
    // By way of the open directory: its owner could put another in its place meanwhile, and root
    // must not be made to write elsewhere.
    const inside = `/proc/self/fd/${directory}/${noteName(target.pid, target.startTime)}`;
    let file: number;
    try {
      file = openSync(inside, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, privateFile);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      isLeftOver = true;
      file = openSync(inside, O_NOFOLLOW | O_WRONLY | O_TRUNC);
    }
    if (fstatSync(file).uid !== target.uid) fchownSync(file, target.uid, target.gid);
    fchmodSync(file, privateFile);
    closeSync(file);
  } finally {
    closeSync(directory);
  }
  return {
    path,
    isLeftOver,
    mustStay: isLeftOver,
    listenersBefore: new Set(),
    read: () => {
      try {
        return readFileSync(path, 'utf8').trim();
      } catch {
        return '';
      }
    },
    remove: () => {
      removeFile(path);
    },
  };
}

/** Removes a file that may be gone already, or may belong to somebody who does not let us. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // What is left is harmless: a stale name is recognised by its start time.
  }
}

function openDirectory(target: Target): number {
  const path = socketDirectory(target.uid);
  if (checkSocketDirectory(target.uid) === undefined) {
    try {
      mkdirSync(path, { mode: 0o700 });
      // Nobody else can move what root has just made in a sticky or private parent.
      if (process.geteuid?.() !== target.uid) chownSync(path, target.uid, target.gid);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    checkSocketDirectory(target.uid);
  }
  const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
  return openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}
