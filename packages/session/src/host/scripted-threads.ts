import type { Consumer } from '@extension-events/protocol/server';

/** The threads for which an agent speaks, as the connected consumers tell. */
export class ScriptedThreads {
  readonly #told: Map<Consumer, ReadonlySet<number>> = new Map();

  /** What one consumer knows now. */
  tell(consumer: Consumer, tids: readonly number[]): void {
    this.#told.set(consumer, new Set(tids));
  }

  forget(consumer: Consumer): void {
    this.#told.delete(consumer);
  }

  has(tid: number): boolean {
    for (const tids of this.#told.values()) if (tids.has(tid)) return true;
    return false;
  }
}
