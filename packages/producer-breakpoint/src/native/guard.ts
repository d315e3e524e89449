/** What must be undone before this process ends. */
export interface Undone {
  /** Synchronous, and never throws. */
  undo(): void;
}

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
const guarded = new Set<Undone>();

/**
 * Undoes something when this process ends or is asked to end: a thread whose tracer dies between two steps is killed by the
 * trap of the second. SIGKILL alone cannot be guarded against. Handlers are there only meanwhile.
 */
export function guard(undone: Undone): Disposable {
  if (guarded.size === 0) {
    process.on('exit', undoAll);
    for (const signal of signals) process.on(signal, onSignal);
  }
  guarded.add(undone);
  return {
    [Symbol.dispose]: () => {
      if (!guarded.delete(undone) || guarded.size > 0) return;
      process.off('exit', undoAll);
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

function undoAll(): void {
  for (const undone of guarded) undone.undo();
}

function onSignal(signal: NodeJS.Signals): void {
  undoAll();
  if (process.listenerCount(signal) > 1) return; // others decide what becomes of this process
  process.off(signal, onSignal);
  process.kill(process.pid, signal);
}
