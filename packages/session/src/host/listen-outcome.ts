import type { Tap } from '@extension-events/core';

// A source that takes longer to be armed is told of by `arm` frames.
const armMs = 10_000;

/** What becomes of the sources that a listen waits for. */
export class Outcome {
  readonly #pattern: string;
  readonly #decided: Promise<'armed'>;
  #resolve: (state: 'armed') => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #tap: Tap | undefined;
  #isOpen = true;

  /** @param pattern - what fails under this very name refuses the listen */
  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#decided = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#decided.catch(() => undefined);
  }

  armed(): void {
    this.#look();
  }

  /** Is it for the one who waits? */
  failed(event: string, error: unknown): boolean {
    const isWanted = event === this.#pattern && this.#isOpen;
    if (isWanted) this.#reject(error);
    else this.#look();
    return isWanted;
  }

  // Of several sources, the last one decides.
  #look(): void {
    if (this.#tap?.awaits.size === 0) this.#resolve('armed');
  }

  /** @throws the refusal */
  async settled(tap: Tap, limitMs: number = armMs): Promise<'armed' | 'pending'> {
    let timer: NodeJS.Timeout | undefined;
    this.#tap = tap;
    this.#look();
    const limit = new Promise<'pending'>((resolve) => {
      timer = setTimeout(() => resolve('pending'), limitMs);
    });
    try {
      return await Promise.race([this.#decided, limit]);
    } finally {
      this.#isOpen = false;
      clearTimeout(timer);
    }
  }
}
