import type { Subject } from '@extension-events/core';
import { CdpConversation } from './dispatcher.ts';
import { evaluateSnippet } from './evaluate.ts';
import { isInside } from './inside.ts';
import type { CdpSession } from './host.ts';
import type { CdpEvents } from './protocol.ts';

/** A worker thread with a session of its own, routed through its main thread. */
export interface WorkerThread {
  readonly subject: Subject;
  /** Its name, or `worker N`. */
  readonly name: string;
  readonly url: string;
  readonly session: CdpSession;
}

/** What to do when worker threads come and go. */
export interface WorkerCallbacks {
  /** Called once for each running worker and each later one, as soon as its ids are known. */
  attached(worker: WorkerThread): void;
  /** Called when a worker that was attached has ended or was detached; its session is closed by then. */
  detached(worker: WorkerThread): void;
}

/** Which workers to leave alone. */
export interface WorkerSessionsOptions {
  /** Node's number of the caller's own thread: it would deadlock when it inspects itself. */
  readonly skipThreadId?: number;
}

/** Node's number and Linux's number of a thread, told by the thread itself. */
const identify = `(() => {
  const node = process.getBuiltinModule;
  const tid = Number(node('node:fs').readlinkSync('/proc/thread-self').split('/').at(-1));
  return { tid, threadId: node('node:worker_threads').threadId };
})()`;

/**
 * Opens a session with every worker thread, present and future, through the session of the main thread.
 *
 * `waitForDebuggerOnStart` stays false: a worker that waits for a debugger that has gone never starts.
 * Works while the main thread spins or is paused, not while it is inside a blocking native call.
 * Disposing closes the sessions and stops.
 */
export async function workerSessions(
  main: CdpSession,
  callbacks: WorkerCallbacks,
  options: WorkerSessionsOptions = {},
): Promise<Disposable> {
  const sessions = new Map<string, WorkerSession>();
  const listeners = [
    main.on('NodeWorker.attachedToWorker', (event) => {
      if (titleOf(event).threadId === options.skipThreadId) return;
      const session = new WorkerSession(main, event.sessionId);
      sessions.set(event.sessionId, session);
      void announce(session, event, callbacks);
    }),
    main.on('NodeWorker.receivedMessageFromWorker', ({ sessionId, message }) => {
      sessions.get(sessionId)?.receive(message);
    }),
    main.on('NodeWorker.detachedFromWorker', ({ sessionId }) => {
      sessions.get(sessionId)?.closed();
      sessions.delete(sessionId);
    }),
    main.onClosed(() => {
      for (const session of sessions.values()) session.closed();
    }),
  ];
  await main.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  return {
    [Symbol.dispose]: () => {
      for (const listener of listeners) listener[Symbol.dispose]();
      for (const session of sessions.values()) session.close();
      main.post('NodeWorker.disable').catch(() => undefined);
    },
  };
}

class WorkerSession extends CdpConversation implements CdpSession {
  readonly #main: CdpSession;
  readonly #sessionId: string;

  constructor(main: CdpSession, sessionId: string) {
    super((message, failed) => {
      main.post('NodeWorker.sendMessageToWorker', { sessionId, message }).catch(failed);
    });
    this.#main = main;
    this.#sessionId = sessionId;
  }

  close(): void {
    if (!this.closed()) return;
    this.#main.post('NodeWorker.detach', { sessionId: this.#sessionId }).catch(() => undefined);
  }
}

type Attached = CdpEvents['NodeWorker.attachedToWorker'][0];

/** Reads `[worker 3] name`: the only place where Node tells a worker's threadId beforehand. */
function titleOf({ workerInfo }: Attached): { threadId: number | undefined; name: string } {
  const match = /^\[worker (\d+)\]\s*(.*)$/.exec(workerInfo.title);
  const threadId = match?.[1] === undefined ? undefined : Number(match[1]);
  const name = match === null ? workerInfo.title : (match[2] ?? '');
  return { threadId, name };
}

/**
 * Has the thread left Node's own start-up? Looks only: no builtin module may be asked for before
 * that, since Node's start-up asserts that none of the program's code has run (a worker that was
 * called too early ended its whole process). The worker's `process.cwd` is replaced shortly before
 * the module loaders are set up; after that their set-up is on the stack until it is done.
 */
const hasStarted = `String(process.cwd).includes('cachedCwd') && !${isInside('initializeModuleLoaders', 'pre_execution')}`;

const lookMs = 5;

async function whenStarted(session: CdpSession): Promise<void> {
  while (!(await evaluateSnippet<boolean>(session, 'has-started', hasStarted))) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

async function announce(
  session: WorkerSession,
  event: Attached,
  callbacks: WorkerCallbacks,
): Promise<void> {
  let subject: Subject;
  try {
    await whenStarted(session);
    subject = await evaluateSnippet<Subject>(session, 'identify', identify);
  } catch {
    return; // the worker ended before it could tell
  }
  const name = titleOf(event).name || `worker ${subject.threadId}`;
  const worker: WorkerThread = { subject, name, url: event.workerInfo.url, session };
  session.onClosed(() => callbacks.detached(worker));
  callbacks.attached(worker);
}
