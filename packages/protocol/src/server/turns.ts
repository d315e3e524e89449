/** Tasks that must not overlap: connecting and disconnecting, for one. */
export class Turns {
  readonly #onFault: (error: unknown) => void;
  #last: Promise<void> = Promise.resolve();

  /** @param onFault - told of what nobody waits for */
  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  /** Runs the task after those before it; what goes wrong is a fault. */
  run(task: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(task).catch((error: unknown) => this.#onFault(error));
    return this.#last;
  }

  /** The same, but what goes wrong is for the caller to hear. */
  async runFor(task: () => Promise<void>): Promise<void> {
    let failure: unknown;
    await this.run(() => task().catch((error: unknown) => void (failure = error)));
    if (failure !== undefined) throw failure as Error;
  }
}
