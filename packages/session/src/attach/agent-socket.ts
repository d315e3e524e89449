import { lstatSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  checkSocketDirectory,
  parseSocketName,
  type SocketIdentity,
} from '@extension-events/protocol';
import { parseNoteName, removeFile } from './note.ts';
import { readLiveStartTime } from './proc.ts';

const connectTimeoutMs = 1000;
/** A refused socket of a living process is left alone this long: it may be about to listen. */
const graceMs = 5000;

/** A socket file of an agent or a host. */
export interface AgentSocket extends SocketIdentity {
  readonly path: string;
  readonly uid: number;
}

/** Whether somebody listens on a socket, removing it when it is stale. */
export async function acceptsConnections(socket: AgentSocket): Promise<boolean> {
  const answer = await tryConnect(socket.path);
  if (answer === 'refused' && isStale(socket)) removeFile(socket.path);
  return answer === 'accepted';
}

/**
 * Lists the socket files, of agents and hosts, of this user, or of every user for root. Directories that cannot be
 * trusted are passed over. A file need not have anybody behind it: {@link acceptsConnections} tells.
 */
export function listAgentSockets(): AgentSocket[] {
  return uidsToLookAt().flatMap((uid) => {
    let directory: string | undefined;
    try {
      directory = checkSocketDirectory(uid);
    } catch {
      return [];
    }
    return directory === undefined ? [] : socketsIn(directory, uid);
  });
}

function socketsIn(directory: string, uid: number): AgentSocket[] {
  const sockets: AgentSocket[] = [];
  for (const name of namesIn(directory)) {
    const identity = parseSocketName(name);
    const path = join(directory, name);
    if (identity !== undefined) sockets.push({ ...identity, path, uid });
    else removeOldNote(path, name);
  }
  return sockets;
}

// An attacher and the process that it attached to were both killed.
function removeOldNote(path: string, name: string): void {
  const identity = parseNoteName(name);
  if (identity !== undefined && readLiveStartTime(identity.pid) !== identity.startTime) {
    removeFile(path);
  }
}

function uidsToLookAt(): number[] {
  const own = process.geteuid?.();
  if (own === undefined) return [];
  if (own !== 0) return [own];
  const numbers = [
    ...namesIn('/run/user'),
    ...namesIn('/tmp').map((name) => name.replace(/^extension-events-(?=\d+$)/, '')),
  ].filter((name) => /^(?:0|[1-9]\d{0,9})$/.test(name));
  return [...new Set([own, ...numbers.map(Number)])];
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function isStale(socket: AgentSocket): boolean {
  if (readLiveStartTime(socket.pid) !== socket.startTime) return true;
  const stats = lstatSync(socket.path, { throwIfNoEntry: false });
  return stats !== undefined && stats.isSocket() && Date.now() - stats.mtimeMs > graceMs;
}

function tryConnect(path: string): Promise<'accepted' | 'refused' | 'absent'> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.setTimeout(connectTimeoutMs, () => {
      socket.destroy();
      resolve('absent');
    });
    socket.once('connect', () => {
      socket.destroy();
      resolve('accepted');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'absent');
    });
  });
}
