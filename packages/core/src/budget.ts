/** What one consumer may cost this thread; unset limits do not bind. */
export interface BudgetLimits {
  readonly eventsPerSecond?: number;
  readonly bytesPerSecond?: number;
  /** Share of the thread's time, 0 to 1. */
  readonly threadShare?: number;
}

const windowNs = 1e8;
// Every 16th event is timed and stands for all 16: a clock read costs as much as a short record.
const timedEvery = 16;

/** The governor of one consumer on this thread: admits events until a 100 ms window's share is spent. */
export class Budget {
  readonly #events: number;
  readonly #bytes: number;
  readonly #costNs: number;
  #windowEndNs = 0;
  #eventsLeft = 0;
  #bytesLeft = 0;
  #costLeftNs = 0;
  #untilTimed = timedEvery;

  constructor(limits: BudgetLimits) {
    const perWindow = windowNs / 1e9;
    this.#events = Math.max(1, (limits.eventsPerSecond ?? Number.POSITIVE_INFINITY) * perWindow);
    this.#bytes = (limits.bytesPerSecond ?? Number.POSITIVE_INFINITY) * perWindow;
    this.#costNs = (limits.threadShare ?? Number.POSITIVE_INFINITY) * windowNs;
  }

  /** May an event of so many bytes pass now? Counts it when it may. */
  admit(nowNs: number, bytes: number): boolean {
    if (nowNs >= this.#windowEndNs) this.#open(nowNs);
    if (this.#eventsLeft < 1 || this.#bytesLeft < bytes || this.#costLeftNs <= 0) return false;
    this.#eventsLeft--;
    this.#bytesLeft -= bytes;
    return true;
  }

  #open(nowNs: number): void {
    this.#windowEndNs = nowNs + windowNs;
    this.#eventsLeft = this.#events;
    this.#bytesLeft = this.#bytes;
    // A window that was overspent is paid back by the next.
    this.#costLeftNs = this.#costNs + Math.min(0, this.#costLeftNs);
  }

  /** Is this event to be timed? */
  get isTimed(): boolean {
    if (--this.#untilTimed > 0) return false;
    this.#untilTimed = timedEvery;
    return true;
  }

  /** What the timed event cost. */
  charge(costNs: number): void {
    this.#costLeftNs -= costNs * timedEvery;
  }
}
