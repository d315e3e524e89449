import { Session } from 'node:inspector';
import { isMainThread } from 'node:worker_threads';
import { ExtensionEventError } from '@extension-events/core';
import { CdpDispatcher, closedError, commandError } from './dispatcher.ts';
import type { CdpMethod, CdpResult, CdpSession } from './host.ts';

/** The session of a worker thread with the main thread of its own process. */
export type MainSession = CdpSession;

/**
 * Opens a session with the main thread; usable only in a worker thread.
 *
 * It answers while the main thread spins, is paused, or sits in `Atomics.wait`. It does not keep
 * the worker alive. When the worker ends, a paused main thread goes on by itself.
 *
 * @throws ExtensionEventError `EE_V8_NOT_A_WORKER` when called in a main thread
 */
export function connectToMainThread(): MainSession {
  if (isMainThread) {
    throw new ExtensionEventError(
      'EE_V8_NOT_A_WORKER',
      'connectToMainThread() was called in the main thread, which cannot inspect itself.',
      'Start a worker thread and call it there.',
    );
  }
  return new LocalSession();
}

// The callback interface of node:inspector, not the promise one: an answer then arrives in the same
// turn in which it is received, also between the notifications of a pause.
class LocalSession extends CdpDispatcher implements MainSession {
  readonly #session = new Session();

  constructor() {
    super();
    this.#session.connectToMainThread();
    this.#session.on('inspectorNotification', (message: object) => {
      const { method, params } = message as { method: string; params: unknown };
      this.emit(method, params);
    });
  }

  post<M extends CdpMethod>(method: M, params?: object): Promise<CdpResult<M>> {
    if (this.isClosed) return Promise.reject(closedError(method));
    return new Promise((resolve, reject) => {
      const settle = resolve as (result: unknown) => void;
      const closing = this.onClosed(() => reject(closedError(method)));
      this.#session.post(method, params ?? {}, (error: Error | null, result?: object) => {
        closing[Symbol.dispose]();
        if (error) reject(commandError(method, error.message));
        else settle(result);
      });
    });
  }

  close(): void {
    if (this.closed()) this.#session.disconnect();
  }
}
