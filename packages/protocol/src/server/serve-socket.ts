import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Listens on a socket, mode 0600; its directory exists and is trusted already. A leftover of a
 * server that died is removed.
 *
 * @returns `undefined` when another server is there
 */
export async function serveSocket(
  path: string,
  accept: (socket: Socket) => void,
): Promise<Server | undefined> {
  const first = await tryListen(path, accept);
  if (first !== undefined) return first;
  const leftover = inodeOf(path);
  if (await answers(path)) return undefined;
  // Another one that found the same leftover may have been quicker: its socket is not to be removed.
  if (leftover !== undefined && inodeOf(path) === leftover) rmSync(path, { force: true });
  return tryListen(path, accept);
}

function inodeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.ino;
}

function tryListen(path: string, accept: (socket: Socket) => void): Promise<Server | undefined> {
  const server = createServer(accept);
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve(server);
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
