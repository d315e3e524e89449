/**
 * How long a loop has been silent, as seen by somebody who looks at its counter now and then.
 *
 * Time in which nobody looked (the looking thread got no CPU, or the machine slept), and in which a
 * debugger held the thread, does not count: nothing is known of the first, and the second is no stall.
 */
export class Silence {
  readonly #graceMs: number;
  #beats: number;
  #lookedMs: number;
  #sinceMs: number;

  /** @param graceMs - looks that are further apart than this missed something */
  constructor(graceMs: number, beats: number, nowMs: number) {
    this.#graceMs = graceMs;
    this.#beats = beats;
    this.#lookedMs = nowMs;
    this.#sinceMs = nowMs;
  }

  /**
   * Takes a look; returns the length of the silence that ended since the last one, if one did.
   *
   * @param waitedMs - whoever looks has waited for so long on purpose: that time was not missed
   */
  look(beats: number, nowMs: number, isHeld: boolean, waitedMs: number = 0): number | undefined {
    const gapMs = nowMs - this.#lookedMs;
    const isUnseen = isHeld || gapMs > this.#graceMs + waitedMs;
    const endedMs = (isUnseen ? this.#lookedMs : nowMs) - this.#sinceMs;
    this.#lookedMs = nowMs;
    if (beats !== this.#beats) {
      this.#beats = beats;
      this.#sinceMs = nowMs;
      return endedMs;
    }
    if (isUnseen) this.#sinceMs += gapMs;
    return undefined;
  }

  get lengthMs(): number {
    return this.#lookedMs - this.#sinceMs;
  }

  /** It was none: the loop waits for work. */
  restart(): void {
    this.#sinceMs = this.#lookedMs;
  }
}
