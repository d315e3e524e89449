/**
 * Event times are CLOCK_MONOTONIC; people read the clock on the wall. The difference is taken once, so
 * that a clock that is set does not tear a graph apart.
 */
export class GraphClock {
  readonly #offsetMs: number = Date.now() - Number(process.hrtime.bigint()) / 1e6;

  /** Now, in milliseconds since 1970, on the time line of the events. */
  nowMs(): number {
    return this.#offsetMs + Number(process.hrtime.bigint()) / 1e6;
  }

  toMs(timestampNs: number): number {
    return this.#offsetMs + timestampNs / 1e6;
  }
}
