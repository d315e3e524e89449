import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AttachProgress } from './progress.ts';

// Every process that is signalled opens its inspector on the same port by default, and a program
// whose port is taken opens none. So attaches take turns, on the whole machine, whoever runs them.
// The lock is an abstract unix socket (unix(7)): listening on the name is holding the lock, and the
// kernel frees it when the holder dies in whatever way. Who must wait connects to the holder and is
// woken when that connection ends, without asking again and again. Any user may hold the lock; that
// is why waiting for it has a limit.

const lockName = '\0extension-events-attach';
const crowdedPauseMs = 25;

/** The lock, until it is released. */
export interface AttachLock {
  release(): void;
}

/**
 * Waits for its turn.
 *
 * @param limitMs - Longest wait.
 * @param name - Another name, for tests.
 * @returns `undefined` when the turn did not come in time.
 */
export async function acquireAttachLock(
  progress: Pick<AttachProgress, 'within' | 'check'>,
  limitMs: number,
  name: string = lockName,
): Promise<AttachLock | undefined> {
  const end = performance.now() + limitMs;
  for (;;) {
    progress.check();
    const lock = await tryListen(name);
    if (lock !== undefined) return lock;
    const remainingMs = end - performance.now();
    if (remainingMs <= 0) return undefined;
    const turn = holderEnds(name, remainingMs);
    try {
      await progress.within(turn.ended);
    } finally {
      turn.cancel();
    }
  }
}

function tryListen(name: string): Promise<AttachLock | undefined> {
  const waiting = new Set<Socket>();
  const server: Server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => waiting.delete(socket));
    socket.resume();
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(name, () => {
      // The lock alone must not keep the holder's process alive.
      server.unref();
      resolve({
        release: () => {
          server.close();
          for (const socket of waiting) socket.destroy();
        },
      });
    });
  });
}

function holderEnds(name: string, limitMs: number): { ended: Promise<void>; cancel: () => void } {
  const socket = connect(name);
  const ended = new Promise<void>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Refused: the holder has just gone. A full queue of waiters gives EAGAIN: wait outside.
      if (error.code === 'EAGAIN') setTimeout(resolve, crowdedPauseMs);
      else resolve();
    });
    socket.once('close', (hadError) => {
      if (!hadError) resolve();
    });
    socket.setTimeout(limitMs, () => {
      socket.destroy();
    });
    socket.resume();
  });
  return { ended, cancel: () => socket.destroy() };
}
