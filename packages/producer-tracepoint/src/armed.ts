import type { PerfArming } from '@extension-events/platform-linux';
import type { ProbeArming } from './types.ts';

/** The open perf events of each arming. */
export class Armed implements Disposable {
  readonly #open: Map<number, PerfArming[]> = new Map();

  /** Opens the events of an arming unless they are open; all or none. */
  arm({ armId }: Pick<ProbeArming, 'armId'>, openers: readonly (() => PerfArming)[]): void {
    if (this.#open.has(armId)) return;
    const opened: PerfArming[] = [];
    try {
      for (const open of openers) opened.push(open());
    } catch (error) {
      for (const each of opened) each[Symbol.dispose]();
      throw error;
    }
    this.#open.set(armId, opened);
  }

  disarm({ armId }: Pick<ProbeArming, 'armId'>): void {
    const opened = this.#open.get(armId) ?? [];
    this.#open.delete(armId);
    for (const each of opened) each[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    for (const armId of this.#open.keys()) this.disarm({ armId });
  }
}
