import type { Connection, ConnectionEnd } from './internal-types.ts';
import type { Stop, StopBoard } from './stop-board.ts';

export type WaitOutcome =
  | { readonly type: 'stopped'; readonly stop: Stop }
  | { readonly type: 'ended'; readonly end: ConnectionEnd }
  | { readonly type: 'timeout' }
  | { readonly type: 'cancelled' };

export interface WaitFor {
  /** Only a stop of this thread counts. */
  readonly thread?: number;
  /** Milliseconds from now; without it the wait has no end of its own. */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}

/** Resolves with the next stop that has not been shown, or with what came instead. */
export function waitForStop(
  board: StopBoard,
  connection: Connection,
  wanted: WaitFor,
): Promise<WaitOutcome> {
  const standing = board.nextUnshown(wanted.thread);
  if (standing !== undefined) return Promise.resolve({ type: 'stopped', stop: standing });
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const finish = (outcome: WaitOutcome): void => {
      clearTimeout(timer);
      changes.unsubscribe();
      wanted.signal.removeEventListener('abort', cancel);
      resolve(outcome);
    };
    const cancel = (): void => finish({ type: 'cancelled' });
    const changes = board.changes$.subscribe((change) => {
      if (change.type !== 'stopped' || change.stop.isShown) return;
      if (wanted.thread !== undefined && change.stop.thread !== wanted.thread) return;
      finish({ type: 'stopped', stop: change.stop });
    });
    if (wanted.timeoutMs !== undefined) {
      timer = setTimeout(() => finish({ type: 'timeout' }), wanted.timeoutMs);
    }
    if (wanted.signal.aborted) cancel();
    else wanted.signal.addEventListener('abort', cancel, { once: true });
    const onEnd = async (): Promise<void> => finish({ type: 'ended', end: await connection.ended });
    void onEnd();
  });
}
