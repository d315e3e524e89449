import type { Subject } from '@extension-events/core';
import type { CdpCommands, CdpEvents } from './protocol.ts';

/** A method of the inspector protocol that a session can be asked for. */
export type CdpMethod = keyof CdpCommands;
/** The result of a method of the inspector protocol. */
export type CdpResult<M extends CdpMethod> = CdpCommands[M]['returnType'];
/** A notification of the inspector protocol. */
export type CdpEvent = keyof CdpEvents;

/**
 * One inspector session with one thread, whatever carries it: a worker's own session with its main
 * thread, a worker thread behind NodeWorker, or a websocket.
 */
export interface CdpSession {
  /**
   * Sends a command and resolves with its result.
   *
   * @throws ExtensionEventError `EE_V8_COMMAND` when the inspector refuses it, `EE_V8_CLOSED` when
   * the session closed before it answered
   */
  post<M extends CdpMethod>(
    method: M,
    ...params: CdpCommands[M]['paramsType']
  ): Promise<CdpResult<M>>;
  /** Calls the listener for each notification of this name, in order, until disposed. */
  on<E extends CdpEvent>(event: E, listener: (...params: CdpEvents[E]) => void): Disposable;
  /** Calls the listener once when the session has closed, from whichever side. */
  onClosed(listener: () => void): Disposable;
  readonly isClosed: boolean;
  /** Closes synchronously; commands without an answer reject. Idempotent. */
  close(): void;
}

/** One JavaScript thread as the agent shows it to a producer of placement `agent`. */
export interface V8Thread {
  readonly subject: Subject;
  readonly name: string;
  readonly session: CdpSession;
  /** Calls the listener after each interval in which a debugger held the thread (CLOCK_MONOTONIC ns). */
  onHeld(listener: (fromNs: number, toNs: number) => void): Disposable;
  /** Does a debugger hold it right now? */
  readonly isHeld: boolean;
}

/** The threads of one process; never contains the agent's own thread. */
export interface V8Host {
  readonly threads: readonly V8Thread[];
  onThreads(
    listener: (change: {
      readonly added: readonly V8Thread[];
      readonly removed: readonly V8Thread[];
    }) => void,
  ): Disposable;
}
