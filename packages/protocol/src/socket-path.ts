import { lstatSync, mkdirSync, readFileSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { ExtensionEventError } from '@extension-events/core';

// Agent and consumers must agree on one path without talking to each other first. Environment
// variables cannot be part of the rule: the agent is a worker with an empty environment, and a
// consumer may be root. What is left is the user of the observed process, its pid and its start time.

/** Codes that the socket directory can raise. */
export const socketPathErrorCodes = {
  EE_SOCKET_DIR: 'The socket directory cannot be trusted or cannot be created.',
} as const;

/** The two parents that the rule looks at; tests put them elsewhere. */
export interface SocketBases {
  /** Default `/run/user`. */
  readonly runtimeBase?: string;
  /** Default `/tmp`. */
  readonly temporaryBase?: string;
}

/** A process, told apart from a later one that was given the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between boot and the start of the process; field 22 of proc_pid_stat(5). */
  readonly startTime: number;
}

/** Who serves a socket: the agent in the process, or a host beside it. */
export type SocketRole = 'agent' | 'host';

/** What the file name of a socket tells. */
export interface SocketIdentity extends ProcessIdentity {
  readonly role: SocketRole;
}

const directoryMode = 0o700;
const groupAndOtherBits = 0o077;

/**
 * Names the directory that holds the sockets of one user.
 *
 * `/run/user/<uid>/extension-events` where systemd made that parent and it belongs to the user,
 * else `/tmp/extension-events-<uid>`. Never depends on the environment. Creates nothing.
 *
 * @param uid - Of an agent's socket: the effective uid of the observed process, not of the caller.
 */
export function socketDirectory(uid: number, bases: SocketBases = {}): string {
  const runtime = join(bases.runtimeBase ?? '/run/user', String(uid));
  const stats = lstatSync(runtime, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true && stats.uid === uid) return join(runtime, 'extension-events');
  return join(bases.temporaryBase ?? '/tmp', `extension-events-${uid}`);
}

/**
 * Names the socket of one process; the process need not exist.
 *
 * @param identity - of the observed process; without a role, its agent's socket is meant
 * @param uid - of an agent: the observed process's effective uid; of a host: the observer's
 */
export function socketPath(
  { pid, startTime, role }: ProcessIdentity & Partial<SocketIdentity>,
  uid: number,
  bases?: SocketBases,
): string {
  return join(socketDirectory(uid, bases), socketName(pid, startTime, role));
}

/** File name of a socket: `<pid>-<starttime>.sock`, or `<pid>-<starttime>.host.sock`. */
export function socketName(pid: number, startTime: number, role: SocketRole = 'agent'): string {
  return `${pid}-${startTime}${role === 'host' ? '.host' : ''}.sock`;
}

/** Reads a file name back; anything that `socketName` would not write gives `undefined`. */
export function parseSocketName(name: string): SocketIdentity | undefined {
  const match = /^([1-9]\d{0,9})-(0|[1-9]\d{0,15})(\.host)?\.sock$/.exec(name);
  if (match === null) return undefined;
  const [, pid, startTime, host] = match;
  const role = host === undefined ? 'agent' : 'host';
  return { pid: Number(pid), startTime: Number(startTime), role };
}

/**
 * Checks the socket directory of a user without creating it: a directory, not a symbolic link,
 * owned by that user, closed to everybody else.
 *
 * @returns The path, or `undefined` while nothing is there.
 * @throws ExtensionEventError `EE_SOCKET_DIR`
 */
export function checkSocketDirectory(uid: number, bases?: SocketBases): string | undefined {
  const path = socketDirectory(uid, bases);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const fault = findFault(stats, uid);
  if (fault === undefined) return path;
  throw new ExtensionEventError(
    'EE_SOCKET_DIR',
    `The socket directory ${path} ${fault.what}.`,
    fault.remedy(path),
  );
}

/**
 * Creates the socket directory of a user with mode 0700, or checks the one that exists.
 *
 * Run it as that user: the agent does, inside the observed process. What it creates belongs to the
 * caller, so root gets a refusal for another user's directory rather than a directory of its own.
 *
 * @throws ExtensionEventError `EE_SOCKET_DIR`
 */
export function ensureSocketDirectory(uid: number, bases?: SocketBases): string {
  const path = socketDirectory(uid, bases);
  try {
    mkdirSync(path, { mode: directoryMode });
  } catch (error) {
    // EEXIST is the normal case; whatever stands there is judged below.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw notCreated(path, error);
  }
  const checked = checkSocketDirectory(uid, bases);
  if (checked === undefined) throw notCreated(path, new Error('it was removed at once'));
  return checked;
}

/**
 * Reads the start time of a process.
 *
 * @returns `undefined` when there is no such process.
 */
export function readStartTime(pid: number | 'self'): number | undefined {
  const text = readProc(pid, 'stat');
  return text === undefined ? undefined : parseStartTime(text);
}

/** Picks field 22 out of the text of `/proc/PID/stat`. */
export function parseStartTime(stat: string): number | undefined {
  // Field 2 is the command in parentheses, and a program may call itself `a) R 1 (`: only the last
  // closing parenthesis ends it. Field 3 follows.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(' ');
  const field = fields[22 - 3];
  return field !== undefined && /^\d+$/.test(field) ? Number(field) : undefined;
}

/**
 * Reads the effective uid of a process.
 *
 * @returns `undefined` when there is no such process.
 */
export function effectiveUid(pid: number | 'self'): number | undefined {
  const text = readProc(pid, 'status');
  const match = /^Uid:\s+\d+\s+(\d+)/m.exec(text ?? '');
  return match === null ? undefined : Number(match[1]);
}

function remove(path: string): string {
  return `find out who made it, then remove it: rm -r ${path} (as root if need be)`;
}

function findFault(
  stats: Stats,
  uid: number,
): { what: string; remedy: (path: string) => string } | undefined {
  if (stats.isSymbolicLink()) {
    return { what: 'is a symbolic link', remedy: (path) => `remove the link: rm ${path}` };
  }
  if (!stats.isDirectory()) return { what: 'is not a directory', remedy: remove };
  if (stats.uid !== uid) {
    return { what: `belongs to uid ${stats.uid}, not to uid ${uid}`, remedy: remove };
  }
  if ((stats.mode & groupAndOtherBits) === 0) return undefined;
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
  return {
    what: `has mode ${mode}, which lets others in`,
    remedy: (path) => `look at what is in it, then close it: chmod 700 ${path}`,
  };
}

function notCreated(path: string, cause: unknown): ExtensionEventError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ExtensionEventError(
    'EE_SOCKET_DIR',
    `The socket directory ${path} cannot be created: ${why}.`,
    'make its parent writable for this user (/tmp normally has mode 1777)',
    { cause },
  );
}

function readProc(pid: number | 'self', file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    // ENOENT, or ESRCH from a process that died between open and read.
    return undefined;
  }
}
