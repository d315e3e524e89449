import type { CheckedTimer } from '../program/checked.ts';

interface Ticking {
  readonly timer: number;
  readonly everyNs: number;
  dueNs: number;
}

/**
 * When timer probes are due: at whole multiples of their period since the start, however long what
 * runs in between takes. What was due more than once runs once; the ticks that were left out are
 * counted.
 */
export class Schedule {
  skipped = 0;
  readonly #ticking: readonly Ticking[];

  constructor(timers: readonly CheckedTimer[], startNs: number) {
    this.#ticking = timers.map(({ everyMs }, timer) => {
      const everyNs = everyMs * 1e6;
      return { timer, everyNs, dueNs: startNs + everyNs };
    });
  }

  /** Infinity: never. */
  get nextNs(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#ticking.map(({ dueNs }) => dueNs));
  }

  /** Numbers of the timers that are due now: the longest due first, then in the order of the text. */
  take(nowNs: number): number[] {
    const due = this.#ticking
      .filter(({ dueNs }) => dueNs <= nowNs)
      .toSorted((a, b) => a.dueNs - b.dueNs);
    for (const ticking of due) {
      const ticks = Math.floor((nowNs - ticking.dueNs) / ticking.everyNs) + 1;
      this.skipped += ticks - 1;
      ticking.dueNs += ticks * ticking.everyNs;
    }
    return due.map(({ timer }) => timer);
  }
}
