import type { Subscription } from 'rxjs';
import type { Debuggee } from './debuggee.ts';
import { describeError } from './errors.ts';
import { formatDuration } from './format-quantity.ts';
import type { Stop } from './stop-board.ts';
import type { Transcript } from './transcript.ts';

/** Lets a thread run that was held longer than `maxStopMs`, so that nobody forgets a production service. */
export class HoldLimit {
  readonly #debuggee: Debuggee;
  readonly #transcript: Transcript;
  readonly #maxStopMs: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #subscription: Subscription;

  constructor(debuggee: Debuggee, transcript: Transcript, maxStopMs: number) {
    this.#debuggee = debuggee;
    this.#transcript = transcript;
    this.#maxStopMs = maxStopMs;
    this.#subscription = debuggee.board.changes$.subscribe((change) => {
      if (change.type === 'stopped' && change.stop.cause.type !== 'foreign')
        this.#watch(change.stop);
    });
  }

  close(): void {
    this.#subscription.unsubscribe();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #watch(stop: Stop): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#debuggee.board.get(stop.thread) === stop) void this.#letGo(stop);
    }, this.#maxStopMs);
    this.#timers.add(timer);
  }

  async #letGo(stop: Stop): Promise<void> {
    const name = this.#debuggee.nameThread(stop.thread);
    const limit = formatDuration(this.#maxStopMs * 1e6);
    try {
      await this.#debuggee.resume(stop.thread);
      this.#transcript.notice(`thread ${name} runs again: it was held for ${limit} (--max-stop)`);
    } catch (error) {
      this.#transcript.notice(`thread ${name} could not be let run: ${describeError(error)}`);
    }
  }
}
