import type { AnyPayload } from '@extension-events/core';
import type { StopReason } from './errors.ts';
import { Overrun } from './errors.ts';
import type { BodyContext, Run } from './machine.ts';

const windowNs = 1e9;
// Two clock reads cost more than a short body: of those one in so many is timed, and stands for all.
const shortGap = 64;
// Where a body takes longer, clock reads matter less, and hits are fewer.
const middleNs = 1000;
const middleGap = 16;
const longNs = 20_000;

/**
 * What the bodies of one script cost their thread, from a sample of the hits. Time that passes inside
 * thrown events is not the script's: other scripts run there, and a debugger may stop there; its own
 * bodies there are hits like others.
 */
export class Meter {
  readonly #nowNs: () => number;
  readonly #share: number;
  #gap = 1;
  #windowStartNs = -1;
  #spentNs = 0;
  #isOverBefore = false;
  /** Time inside thrown events since the body that is timed now began. */
  #elsewhereNs = 0;
  #isTiming = false;
  /** Of the last whole window. */
  share = 0;
  /** The last two windows took more than their share. */
  isOver = false;

  constructor(share: number, nowNs: () => number) {
    this.#share = share;
    this.#nowNs = nowNs;
  }

  /** Runs a body and times it; `tell` gets how many hits to let pass until the next. */
  time(run: Run, payload: AnyPayload, context: BodyContext, tell: (gap: number) => void): boolean {
    const outer = this.#isTiming;
    const outerElsewhere = this.#elsewhereNs;
    const weight = this.#gap;
    this.#isTiming = true;
    this.#elsewhereNs = 0;
    const startNs = this.#nowNs();
    // Hits inside this one are not timed by chance of its length.
    tell(shortGap);
    this.#gap = shortGap;
    const isMatch = run(payload, context);
    const endNs = this.#nowNs();
    const costNs = Math.max(0, endNs - startNs - this.#elsewhereNs);
    this.#isTiming = outer;
    this.#elsewhereNs = outerElsewhere;
    this.#gap = costNs >= longNs ? 1 : costNs >= middleNs ? middleGap : shortGap;
    tell(this.#gap);
    if (this.#windowStartNs < 0) this.#windowStartNs = startNs;
    this.#spentNs += costNs * weight;
    this.#closeWindow(endNs);
    return isMatch;
  }

  #closeWindow(nowNs: number): void {
    const lengthNs = nowNs - this.#windowStartNs;
    if (lengthNs < windowNs) return;
    this.share = this.#spentNs / lengthNs;
    const isOver = this.share > this.#share;
    this.isOver = isOver && this.#isOverBefore;
    this.#isOverBefore = isOver;
    this.#windowStartNs = nowNs;
    this.#spentNs = 0;
  }

  /** Runs what does not count. */
  leaveOut(post: () => void): void {
    if (!this.#isTiming) {
      post();
      return;
    }
    const startNs = this.#nowNs();
    post();
    this.#elsewhereNs += this.#nowNs() - startNs;
  }

  get reason(): StopReason {
    return new Overrun(`The script took ${percent(this.share)} of a thread's time, twice for a second; its share is ${percent(this.#share)} (share of a thread's time).`, 'test with a condition first, probe a rarer event, or do less in each.').reason; // prettier-ignore
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
