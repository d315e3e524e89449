import { threadId as ownThreadId } from 'node:worker_threads';
import type { CdpSession, V8Host, V8Thread } from './host.ts';
import { workerSessions } from './node-workers.ts';
import { connectToMainThread } from './worker-session.ts';

/** Inspector sessions, one for each thread. */
export interface ThreadSessions extends Disposable {
  /** The session with this thread; rejects when it ends before it could be had. */
  open(thread: V8Thread): Promise<CdpSession>;
}

/**
 * Inspector sessions that a producer opens for itself, beside those of the agent.
 *
 * V8 keeps breakpoints, their numbers, the pause on exceptions and the Debugger domain apart for each
 * session, so that a debugger beside the producer sets, hits and removes its own at the same place,
 * and comes and goes as it likes. Sessions are opened when first asked for, and close with the
 * agent's session of the main thread.
 */
export class OwnSessions implements ThreadSessions {
  readonly #host: V8Host;
  readonly #workers: Map<number, CdpSession> = new Map();
  readonly #waiting: Map<number, PromiseWithResolvers<CdpSession>> = new Map();
  #main: CdpSession | undefined;
  #following: Promise<Disposable> | undefined;

  constructor(host: V8Host) {
    this.#host = host;
  }

  async open({ subject: { threadId } }: V8Thread): Promise<CdpSession> {
    const main = this.#openMain();
    if (threadId === 0) return main;
    await this.#follow(main);
    return this.#workers.get(threadId) ?? this.#waitFor(threadId);
  }

  #openMain(): CdpSession {
    const present = this.#main;
    if (present !== undefined && !present.isClosed) return present;
    const main = connectToMainThread();
    this.#main = main;
    this.#following = undefined;
    // The agent closes its sessions when the program exits: one that stays open would make Node wait for it.
    const agents = this.#host.threads.find(({ subject }) => subject.threadId === 0)?.session;
    agents?.onClosed(() => main.close());
    return main;
  }

  async #follow(main: CdpSession): Promise<void> {
    this.#following ??= workerSessions(
      main,
      {
        attached: ({ subject: { threadId }, session }) => {
          this.#workers.set(threadId, session);
          this.#waiting.get(threadId)?.resolve(session);
          this.#waiting.delete(threadId);
        },
        detached: ({ subject: { threadId } }) => void this.#workers.delete(threadId),
      },
      { skipThreadId: ownThreadId },
    );
    await this.#following;
  }

  #waitFor(threadId: number): Promise<CdpSession> {
    let waiting = this.#waiting.get(threadId);
    if (waiting === undefined) this.#waiting.set(threadId, (waiting = withResolvers()));
    return waiting.promise;
  }

  [Symbol.dispose](): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('the sessions were closed'));
    this.#waiting.clear();
    const main = this.#main;
    void this.#following?.then((following) => following[Symbol.dispose]()).catch(() => undefined);
    this.#workers.clear();
    this.#main = undefined;
    this.#following = undefined;
    main?.close();
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

// Promise.withResolvers is not in Node 20.
function withResolvers<T>(): PromiseWithResolvers<T> {
  const parts: { resolve?: (value: T) => void; reject?: (error: Error) => void } = {};
  const promise = new Promise<T>((resolve, reject) => Object.assign(parts, { resolve, reject }));
  promise.catch(() => undefined);
  return {
    promise,
    resolve: (value) => parts.resolve?.(value),
    reject: (error) => parts.reject?.(error),
  };
}
