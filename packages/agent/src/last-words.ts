// A thread that ends by itself says what its scripts have gathered; that may come after the news that
// it has ended, and before it.
const patienceMs = 500;

/** Tells threads that ended by themselves from those that were terminated: these say nothing more. */
export class LastWords {
  readonly #missed: () => void;
  readonly #patienceMs: number;
  readonly #awaited: Map<
    number,
    { readonly said: (() => void) | undefined; readonly over: Promise<void> }
  > = new Map();
  /** Threads that have spoken and are there yet. */
  readonly #spoken: Set<number> = new Set();

  /** @param missed - called once for each thread that says nothing */
  constructor(missed: () => void, waitMs: number = patienceMs) {
    this.#missed = missed;
    this.#patienceMs = waitMs;
  }

  /** A thread has ended. */
  ended(threadId: number): void {
    if (this.#spoken.delete(threadId)) return;
    let said: (() => void) | undefined;
    const over = new Promise<void>((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#awaited.delete(threadId);
        resolve();
      };
      const timer = setTimeout(() => {
        finish();
        this.#missed();
      }, this.#patienceMs);
      timer.unref();
      said = finish;
    });
    this.#awaited.set(threadId, { said, over });
  }

  /** A thread has said its last word. */
  said(threadId: number): void {
    const awaited = this.#awaited.get(threadId);
    if (awaited === undefined) this.#spoken.add(threadId);
    else awaited.said?.();
  }

  /** Settles when each thread that has ended so far has spoken, or was missed. */
  async all(): Promise<void> {
    await Promise.all(Array.from(this.#awaited.values(), ({ over }) => over));
  }
}
