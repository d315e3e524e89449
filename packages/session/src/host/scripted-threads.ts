import type { ThreadInfo } from '@extension-events/protocol';
import type { Consumer } from '@extension-events/protocol/server';

interface Told {
  readonly scripted: ReadonlySet<number>;
  readonly agents: ReadonlySet<number>;
}

/** The threads for which an agent speaks, and those of the agents themselves, as the connected consumers tell. */
export class ScriptedThreads {
  readonly #told: Map<Consumer, Told> = new Map();

  /** What one consumer knows now. */
  tell(consumer: Consumer, threads: readonly ThreadInfo[]): void {
    const tidsOf = (isAgent: boolean): ReadonlySet<number> =>
      new Set(threads.filter((each) => (each.isAgent === true) === isAgent).map(({ tid }) => tid));
    this.#told.set(consumer, { scripted: tidsOf(false), agents: tidsOf(true) });
  }

  forget(consumer: Consumer): void {
    this.#told.delete(consumer);
  }

  has(tid: number): boolean {
    for (const { scripted } of this.#told.values()) if (scripted.has(tid)) return true;
    return false;
  }

  /** Is it ours? It is never stopped, and what it does is not the program's. */
  isAgent(tid: number): boolean {
    for (const { agents } of this.#told.values()) if (agents.has(tid)) return true;
    return false;
  }
}
