/** Times in ms between looks at the rings: while something urgent is open, and while nothing is. */
const urgentMs = 10;
/** Something urgent is open, but nothing has come for so many looks. */
const quietMs = 25;
const quietTicks = 40;
const patientMs = 100;
const fastestMs = 2;

/**
 * Calls for a drain from time to time, more often while rings fill. With nothing open there is no
 * timer; while there is one it keeps the event loop alive, as any open resource does.
 *
 * The kernel could wake us for each sample, by a signal or through poll(2). Both cost the watched
 * thread an interrupt for each sample, which doubled the cost of a breakpoint's hit where that was
 * measured; and signals of a flood (all page faults of a machine) follow each other so closely that
 * the thread they interrupt never gets on, and so cannot switch them off.
 */
export class Wake {
  readonly #drain: () => number;
  #timer: NodeJS.Timeout | undefined;
  #intervalMs = patientMs;
  #mostMs = patientMs;
  #quietTicks = 0;

  /** @param drain - reads the rings; returns how full the fullest was, from 0 to 1 */
  constructor(drain: () => number) {
    this.#drain = drain;
  }

  /** Tells what is open: nothing, something, or something that is to be told soon. */
  update(isOpen: boolean, isUrgent: boolean): void {
    this.#mostMs = isUrgent ? urgentMs : patientMs;
    this.#intervalMs = this.#mostMs;
    this.#quietTicks = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (isOpen) this.#start();
  }

  #start(): void {
    this.#timer = setTimeout(() => this.#tick(), this.#intervalMs);
  }

  #tick(): void {
    const timer = this.#timer;
    this.#adapt(this.#drain());
    // A callback may have opened or closed something, which starts another timer or none.
    if (this.#timer === timer) this.#start();
  }

  #adapt(fullness: number): void {
    this.#quietTicks = fullness === 0 ? this.#quietTicks + 1 : 0;
    const isQuiet = this.#quietTicks > quietTicks;
    const mostMs = isQuiet ? Math.max(this.#mostMs, quietMs) : this.#mostMs;
    if (fullness > 0.2) this.#intervalMs = Math.max(fastestMs, this.#intervalMs / 2);
    else if (fullness < 0.05) this.#intervalMs = Math.min(mostMs, this.#intervalMs * 2);
  }
}
