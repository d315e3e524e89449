import { merge, type Observable } from 'rxjs';
import type { RemoteThrow, StateUpdate, ThreadShare } from '@extension-events/script/runtime';
import type { ScriptNews, TargetScript } from './script-link.ts';

/** A script over the sides of a process: its state is the sum of theirs. */
export class JoinedScript implements TargetScript {
  readonly news$: Observable<ScriptNews>;
  readonly #parts: readonly TargetScript[];

  constructor(parts: readonly TargetScript[]) {
    this.#parts = parts;
    this.news$ = merge(...parts.map((part) => part.news$));
  }

  async collect(): Promise<readonly ThreadShare[]> {
    return (await Promise.all(this.#parts.map((part) => part.collect()))).flat();
  }

  async apply(update: StateUpdate): Promise<void> {
    await Promise.all(this.#parts.map((part) => part.apply(update)));
  }

  // Once, and where it is about a thread of the program.
  async post(thrown: RemoteThrow): Promise<void> {
    await this.#parts[0]?.post(thrown);
  }

  async remove(): Promise<readonly ThreadShare[]> {
    return (await Promise.all(this.#parts.map((part) => part.remove()))).flat();
  }
}
