/** What one consumer may cost this thread; unset limits do not bind. */
export interface BudgetLimits {
  readonly eventsPerSecond?: number;
  readonly bytesPerSecond?: number;
  /** Share of the thread's time, 0 to 1. */
  readonly threadShare?: number;
}

// What was not used in the last tenth of a second may come at once.
const burstSeconds = 0.1;
// Every 16th event is timed and stands for all 16: a clock read costs as much as a short record.
const timedEvery = 16;

/** The governor of one consumer on this thread: allowances that fill with time and are spent by events. */
export class Budget {
  readonly #events: Allowance;
  readonly #bytes: Allowance;
  readonly #costNs: Allowance;
  readonly #isCostLimited: boolean;
  #untilTimed = timedEvery;

  constructor({ eventsPerSecond, bytesPerSecond, threadShare }: BudgetLimits) {
    this.#events = new Allowance(eventsPerSecond, 1);
    this.#bytes = new Allowance(bytesPerSecond, 1);
    this.#costNs = new Allowance(threadShare === undefined ? undefined : threadShare * 1e9, 1);
    this.#isCostLimited = threadShare !== undefined;
  }

  /** May an event of so many bytes pass now? Counts it when it may. */
  admit(nowNs: number, bytes: number): boolean {
    if (!this.#events.has(nowNs) || !this.#bytes.has(nowNs) || !this.#costNs.has(nowNs)) {
      return false;
    }
    this.#events.left -= 1;
    this.#bytes.left -= bytes;
    return true;
  }

  /** Is this event to be timed? Asked once for each. */
  takeTurn(): boolean {
    if (!this.#isCostLimited || --this.#untilTimed > 0) return false;
    this.#untilTimed = timedEvery;
    return true;
  }

  /** What the timed event cost. */
  charge(costNs: number): void {
    this.#costNs.left -= costNs * timedEvery;
  }
}

/** So much a second. The last event may overdraw it: an event larger than the burst must pass too. */
class Allowance {
  left: number;
  readonly #perNs: number;
  readonly #most: number;
  readonly #needed: number;
  #seenNs = 0;

  constructor(perSecond: number | undefined, needed: number) {
    const rate = perSecond === undefined ? Number.POSITIVE_INFINITY : Math.max(0, perSecond) || 0;
    this.#perNs = rate / 1e9;
    this.#needed = needed;
    this.#most = rate === 0 ? 0 : Math.max(needed, rate * burstSeconds);
    this.left = this.#most;
  }

  has(nowNs: number): boolean {
    if (this.#most === Number.POSITIVE_INFINITY) return true;
    // Times of one thread only rise; the first call finds the allowance full.
    const passed = Math.max(0, nowNs - this.#seenNs);
    this.#seenNs = nowNs;
    this.left = Math.min(this.#most, this.left + passed * this.#perNs);
    return this.left >= this.#needed;
  }
}
