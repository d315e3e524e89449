import type { Finding, HotFunction, Sample } from './internal-types.ts';
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
 */
export class Detector {
  readonly options: DetectorOptions;
  readonly neededHits: number;
  readonly #nominal: number;
  readonly #rests = new Map<string, Rest>();
  readonly #functions = new Map<string, { function: HotFunction; line: number }>();
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
  feed(samples: readonly Sample[], toNs: number): Finding[] {
    const findings = new Map<string, Finding>();
    for (const { timeNs, place } of samples) {
      // Another arming may want more samples of this thread; each takes its own frequency's share.
      const periodNs = 1e9 / this.options.frequencyHz;
      if (timeNs < this.#nextDueNs - periodNs / 4) continue;
      this.#nextDueNs = Math.max(this.#nextDueNs + periodNs, timeNs + periodNs / 2);
      this.#firstNs ??= timeNs;
      const key = this.#keyOf(place.function, place.line);
      this.#counter.add(timeNs, key);
      if (key === undefined || this.#counter.hits(key) < this.neededHits) continue;
      if (this.#mayPost(key, timeNs)) this.#find(key, timeNs, findings);
    }
    this.#counter.moveTo(toNs);
    this.#findByShare(toNs, findings);
    return [...findings.values()];
  }

  /** The place of this finding was posted: it rests now. */
  rest(finding: Finding): void {
    const key = this.#key(finding.function, finding.line);
    const [oldest] = this.#rests.keys();
    if (this.#rests.size >= maxRests && oldest !== undefined) this.#rests.delete(oldest);
    this.#rests.delete(key);
    const untilNs = finding.timeNs + this.options.cooldownMs * 1e6;
    this.#rests.set(key, { untilNs, since: [] });
  }

  /** The hottest place of the window, when it holds enough samples to say so. */
  top(timeNs: number): Finding | undefined {
    const { top } = this.#counter;
    if (top === undefined || this.#counter.total < this.#minBusy) return undefined;
    return this.#toFinding(top.key, top.hits, timeNs);
  }

  get #minBusy(): number {
    return Math.max(20, this.#nominal * 0.05);
  }

  #findByShare(toNs: number, findings: Map<string, Finding>): void {
    if (this.options.hits !== undefined || this.#firstNs === undefined) return;
    if (toNs - this.#firstNs < this.options.windowMs * 1e6 * 0.95) return;
    const { total } = this.#counter;
    if (total < this.#minBusy) return;
    const needed = Math.max(2, this.options.share * total);
    for (const { key } of this.#counter.above(needed)) {
      if (this.#hasRested(key, toNs)) this.#find(key, toNs, findings);
    }
  }

  #keyOf(hot: HotFunction | undefined, line: number): string | undefined {
    if (hot === undefined) return undefined;
    const key = this.#key(hot, line);
    if (!this.#functions.has(key)) {
      if (this.#functions.size > 8192) this.#functions.clear();
      this.#functions.set(key, { function: hot, line: this.options.by === 'line' ? line : 0 });
    }
    return key;
  }

  #key(hot: HotFunction, line: number): string {
    return this.options.by === 'line' ? `${hot.key}|${line}` : hot.key;
  }

  #find(key: string, timeNs: number, findings: Map<string, Finding>): void {
    if (findings.has(key)) return;
    const finding = this.#toFinding(key, this.#counter.hits(key), timeNs);
    if (finding !== undefined) findings.set(key, finding);
  }

  #toFinding(key: string, hits: number, timeNs: number): Finding | undefined {
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
