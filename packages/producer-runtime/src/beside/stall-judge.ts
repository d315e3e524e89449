/**
 * When one stall is told: once it has lasted for the threshold, and again whenever that time has
 * doubled. A hundred-second stall at 200 ms is told ten times, not five hundred.
 */
export class StallJudge {
  readonly #thresholdMs: number;
  readonly #isOnce: boolean;
  #nextMs: number;
  /** How often the present stall has been told. */
  count = 0;

  /** @param isOnce - tells each stall once: a catchpoint that stopped in it has shown it */
  constructor(thresholdMs: number, isOnce: boolean) {
    this.#thresholdMs = thresholdMs;
    this.#isOnce = isOnce;
    this.#nextMs = thresholdMs;
  }

  /** Has the loop been silent for long enough to tell (again)? */
  isDue(silentMs: number): boolean {
    return silentMs >= this.#nextMs && !(this.#isOnce && this.count > 0);
  }

  /** It was told, at this length. */
  told(silentMs: number): void {
    this.count++;
    while (this.#nextMs <= silentMs) this.#nextMs *= 2;
  }

  /** The loop turned: returns how often the stall that is over was told. */
  turned(): number {
    const { count } = this;
    this.count = 0;
    this.#nextMs = this.#thresholdMs;
    return count;
  }
}
