/** How far a value has to fall below its limit, as a share of the limit, before it can pass it again. */
export const hysteresis = 0.05;

/**
 * Tells each passing of a limit once: after it the value must have been clearly below.
 *
 * "Clearly" is 5 % of the limit, so that a value which trembles around it is one passing; counts of
 * few things do not tremble, and are below as soon as they are not above.
 */
export class Edge {
  readonly #limit: number;
  readonly #low: number;
  #isAbove = false;

  constructor(limit: number, isCount: boolean) {
    this.#limit = limit;
    this.#low = isCount ? limit : limit * (1 - hysteresis);
  }

  /** Has the value passed the limit with this look? The first look counts as coming from below. */
  passes(value: number): boolean {
    if (this.#isAbove) {
      this.#isAbove = value > this.#low;
      return false;
    }
    this.#isAbove = value > this.#limit;
    return this.#isAbove;
  }
}
