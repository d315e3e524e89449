import type { Countable, Finding, HotFunction } from './internal-types.ts';
import { WindowCounter } from './window-counter.ts';

/** What one arming asked for. */
export interface DetectorOptions {
  readonly frequencyHz: number;
  readonly windowMs: number;
  readonly by: 'function' | 'line';
  readonly share: number;
  /** Instead of the share. */
  readonly hits?: number;
  readonly cooldownMs: number;
  /** Every sample was taken for this detector alone: none is left out. */
  readonly takesAll?: boolean;
  /** Samples of many threads are counted together, so there may be more than one thread has. */
  readonly isOfMany?: boolean;
}

interface Rest {
  readonly untilNs: number;
  /** Times of the hits since then, at most as many as are needed. */
  since: number[];
}

const maxRests = 256;

/**
 * Finds the N-th hit of a place within the sliding window of one thread, sample by sample.
 *
 * N is `hits`, or the share of the samples that a busy thread has in the window. A thread that is busy only
 * partly never gathers so many: when its window is complete and holds enough busy samples, a place
 * also counts as hot when it has the share of those. After a finding the place rests for the cooldown
 * and must then gather all its hits anew.
 *
 * @typeParam F - what a place belongs to, told apart by its key
 */
export class Detector<F extends { readonly key: string } = HotFunction> {
  readonly options: DetectorOptions;
  readonly neededHits: number;
  readonly #nominal: number;
  readonly #rests = new Map<string, Rest>();
  readonly #functions = new Map<string, { function: F; line: number }>();
  #counter: WindowCounter;
  #firstNs: number | undefined;
  #nextDueNs = -Infinity;

  constructor(options: DetectorOptions) {
    this.options = options;
    this.#nominal = (options.frequencyHz * options.windowMs) / 1000;
    this.neededHits = options.hits ?? Math.max(2, Math.ceil(options.share * this.#nominal));
    this.#counter = new WindowCounter(options.windowMs);
  }

  /** Forgets all samples, not the cooldowns: samples are fed again after places were corrected. */
  reset(): void {
    this.#counter = new WindowCounter(this.options.windowMs);
    this.#functions.clear();
    this.#firstNs = undefined;
    this.#nextDueNs = -Infinity;
  }

  /**
   * Takes the samples of a window that ends at `toNs`; returns what became hot, in order, each place once.
   * A finding that is posted must be told to {@link Detector.rest}.
   */
  feed(samples: readonly Countable<F>[], toNs: number): Finding<F>[] {
    const findings = new Map<string, Finding<F>>();
    for (const { timeNs, place } of samples) {
      if (!this.#isDue(timeNs)) continue;
      this.#firstNs ??= timeNs;
      const key = this.#keyOf(place.function, place.line);
      this.#counter.add(timeNs, key);
      if (key === undefined || !this.#isHot(this.#counter.hits(key))) continue;
      if (this.#mayPost(key, timeNs)) this.#find(key, timeNs, findings);
    }
    this.#counter.moveTo(toNs);
    this.#findByShare(toNs, findings);
    return [...findings.values()];
  }

  /** The place of this finding was posted: it rests now. */
  rest(finding: Finding<F>): void {
    const key = this.#key(finding.function, finding.line);
    const [oldest] = this.#rests.keys();
    if (this.#rests.size >= maxRests && oldest !== undefined) this.#rests.delete(oldest);
    this.#rests.delete(key);
    const untilNs = finding.timeNs + this.options.cooldownMs * 1e6;
    this.#rests.set(key, { untilNs, since: [] });
  }

  /** The hottest place of the window, when it holds enough samples to say so. */
  top(timeNs: number): Finding<F> | undefined {
    const { top } = this.#counter;
    if (top === undefined || this.#counter.total < this.#minBusy) return undefined;
    return this.#toFinding(top.key, top.hits, timeNs);
  }

  // Another arming may want more samples of this thread; each takes its own frequency's share.
  #isDue(timeNs: number): boolean {
    if (this.options.takesAll === true) return true;
    const periodNs = 1e9 / this.options.frequencyHz;
    if (timeNs < this.#nextDueNs - periodNs / 4) return false;
    this.#nextDueNs = Math.max(this.#nextDueNs + periodNs, timeNs + periodNs / 2);
    return true;
  }

  #isHot(hits: number): boolean {
    if (hits < this.neededHits) return false;
    const { hits: asked, isOfMany, share } = this.options;
    return asked !== undefined || isOfMany !== true || hits >= share * this.#counter.total;
  }

  get #minBusy(): number {
    return Math.max(20, this.#nominal * 0.05);
  }

  #findByShare(toNs: number, findings: Map<string, Finding<F>>): void {
    if (this.options.hits !== undefined || this.#firstNs === undefined) return;
    if (toNs - this.#firstNs < this.options.windowMs * 1e6 * 0.95) return;
    const { total } = this.#counter;
    if (total < this.#minBusy) return;
    const needed = Math.max(2, this.options.share * total);
    for (const { key } of this.#counter.above(needed)) {
      if (this.#hasRested(key, toNs)) this.#find(key, toNs, findings);
    }
  }

  #keyOf(hot: F | undefined, line: number): string | undefined {
    if (hot === undefined) return undefined;
    const key = this.#key(hot, line);
    if (!this.#functions.has(key)) {
      if (this.#functions.size > 8192) this.#functions.clear();
      this.#functions.set(key, { function: hot, line: this.options.by === 'line' ? line : 0 });
    }
    return key;
  }

  #key(hot: F, line: number): string {
    return this.options.by === 'line' ? `${hot.key}|${line}` : hot.key;
  }

  #find(key: string, timeNs: number, findings: Map<string, Finding<F>>): void {
    if (findings.has(key)) return;
    const finding = this.#toFinding(key, this.#counter.hits(key), timeNs);
    if (finding !== undefined) findings.set(key, finding);
  }

  #toFinding(key: string, hits: number, timeNs: number): Finding<F> | undefined {
    const known = this.#functions.get(key);
    return known === undefined
      ? undefined
      : { ...known, hits, samples: this.#counter.total, timeNs };
  }

  /** Counts this hit towards the end of the place's rest; true when it has none or enough of them. */
  #mayPost(key: string, timeNs: number): boolean {
    const rest = this.#rests.get(key);
    if (rest === undefined) return true;
    if (timeNs < rest.untilNs) return false;
    rest.since.push(timeNs);
    const fromNs = timeNs - this.options.windowMs * 1e6;
    while ((rest.since[0] ?? Infinity) <= fromNs) rest.since.shift();
    return rest.since.length >= this.neededHits;
  }

  /** Has the whole window passed since the end of its rest? */
  #hasRested(key: string, toNs: number): boolean {
    const rest = this.#rests.get(key);
    return rest === undefined || toNs - rest.untilNs >= this.options.windowMs * 1e6;
  }
}
