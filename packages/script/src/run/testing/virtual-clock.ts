import type { RunClock } from '../clock.ts';

interface Waiting {
  readonly atNs: number;
  readonly callback: () => void;
}

/** A time that moves when it is told to. */
export class VirtualClock implements RunClock {
  #nowNs = 1e9;
  readonly #waiting: Waiting[] = [];

  nowNs(): number {
    return this.#nowNs;
  }

  wallMs(): number {
    return this.#nowNs / 1e6;
  }

  after(delayMs: number, callback: () => void): () => void {
    const waiting = { atNs: this.#nowNs + delayMs * 1e6, callback };
    this.#waiting.push(waiting);
    return () => {
      const at = this.#waiting.indexOf(waiting);
      if (at >= 0) this.#waiting.splice(at, 1);
    };
  }

  /** Time passes within a callback: something takes long. */
  pass(ms: number): void {
    this.#nowNs += ms * 1e6;
  }

  /** Moves on, and lets everything run that is due on the way. */
  async advance(ms: number): Promise<void> {
    const untilNs = this.#nowNs + ms * 1e6;
    for (;;) {
      await settle();
      const [next] = this.#waiting.toSorted((a, b) => a.atNs - b.atNs);
      if (next === undefined || next.atNs > untilNs) break;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.#nowNs = Math.max(this.#nowNs, next.atNs);
      next.callback();
    }
    this.#nowNs = Math.max(this.#nowNs, untilNs);
    await settle();
  }
}

/** Lets every promise that can go on do so. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
