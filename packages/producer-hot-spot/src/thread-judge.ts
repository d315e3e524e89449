import type { InterruptStack, V8Thread } from '@extension-events/platform-v8';
import { judgeSplit, SplitDealer } from './attribution.ts';
import type { LineEvidence, Split } from './attribution.ts';
import type { Detector } from './detector.ts';
import { FunctionIndex } from './function-index.ts';
import type { Finding, HotFunction, Place, Sample } from './internal-types.ts';
import type { ScriptTexts } from './script-texts.ts';
import type { SampledWindow, ThreadSampler } from './thread-sampler.ts';

/** What is known about a thread when a finding is shown. */
export interface Evidence {
  readonly thread: V8Thread;
  readonly stacks: readonly InterruptStack[];
  readonly index: FunctionIndex;
  /** Places of the samples of that function lately. */
  placesOf(finding: Finding): Place[];
  /** A sample of that function lately. */
  sampleOf(finding: Finding): Sample | undefined;
}

/** One arming's interest in one thread. */
export interface Watch {
  readonly detector: Detector;
  /** Takes what became hot; called before the next window is fed. */
  found(findings: readonly Finding[], evidence: Evidence): Promise<void>;
  /** Does it want to hear of the hottest place, now that nothing (more) was found up to this time? */
  wantsTop?(toNs: number): boolean;
  /** Takes the hottest place, when asked for. */
  top?(finding: Finding, evidence: Evidence): Promise<void>;
  /** Takes the samples of each window, corrected as far as is known. */
  sampled?(samples: readonly Sample[]): void;
}

type Findings = Map<Watch, Finding[]>;

const stackCount = 20;
const stackEveryMs = 2;
const stacksFreshNs = 500e6;
const splitLifeNs = 5e9;

/**
 * Keeps the recent windows of one thread, feeds the detectors, and corrects the profile's charges with
 * interrupt stacks before anything is posted.
 */
export class ThreadJudge {
  readonly #sampler: ThreadSampler;
  readonly #texts: ScriptTexts;
  readonly #watches = new Set<Watch>();
  readonly #splits = new Map<
    string,
    { readonly split: Split | undefined; readonly judgedNs: number }
  >();
  #recent: SampledWindow[] = [];
  #dealer = new SplitDealer(new Map());
  #index: FunctionIndex | undefined;
  #stacks: InterruptStack[] = [];
  #stacksNs = -Infinity;

  constructor(sampler: ThreadSampler, texts: ScriptTexts) {
    this.#sampler = sampler;
    this.#texts = texts;
  }

  add(watch: Watch): void {
    this.#watches.add(watch);
  }

  remove(watch: Watch): void {
    this.#watches.delete(watch);
  }

  get watches(): ReadonlySet<Watch> {
    return this.#watches;
  }

  /** Takes the next window of the thread. */
  async window(window: SampledWindow): Promise<void> {
    const { toNs } = window.profile;
    this.#remember(window, toNs);
    this.#expireSplits(toNs);
    const samples = this.#correct(window.samples);
    for (const watch of this.#watches) watch.sampled?.(samples);
    const found = await this.#check(this.#feed(samples, toNs), this.#isProgramHot(toNs), toNs);
    await this.#handAll(found, toNs);
    for (const watch of this.#watches)
      if (watch.wantsTop?.(toNs) === true) await this.#handTop(watch, toNs);
  }

  /** Corrects charges that are in doubt, and then finds anew. */
  async #check(findings: Findings, isProgramHot: boolean, toNs: number): Promise<Findings> {
    const charged = new Map<string, HotFunction | undefined>();
    for (const found of findings.values()) {
      for (const each of found) charged.set(each.function.key, each.function);
    }
    if (isProgramHot) charged.set('', undefined);
    const doubtful = [...charged].filter(([key]) => !this.#splits.has(key)).map(([, hot]) => hot);
    if (doubtful.length === 0) return findings;
    await this.#interrupt(toNs);
    return this.#judge(doubtful, toNs) ? this.#feedAgain(toNs) : findings;
  }

  async #handAll(findings: Findings, toNs: number): Promise<void> {
    for (const [watch, found] of findings) {
      if (found.length > 0) await this.#hand(watch, found, toNs);
    }
  }

  async #handTop(watch: Watch, toNs: number): Promise<void> {
    const charged = watch.detector.top(toNs);
    if (charged === undefined) return;
    if (!this.#splits.has(charged.function.key)) {
      await this.#interrupt(toNs);
      if (this.#judge([charged.function], toNs)) await this.#handAll(this.#feedAgain(toNs), toNs);
    }
    const top = watch.detector.top(toNs);
    if (top === undefined || !this.#watches.has(watch)) return;
    await this.#interrupt(toNs);
    await watch.top?.(top, this.#evidence());
  }

  async #hand(watch: Watch, found: readonly Finding[], toNs: number): Promise<void> {
    await this.#interrupt(toNs);
    // A place that no interrupt has met yet gets a second chance.
    const isSeen = (finding: Finding): boolean =>
      this.#stacks.some(({ frames }) =>
        this.#currentIndex()
          .resolve(frames)
          .some((each) => each.function?.key === finding.function.key),
      );
    if (!found.every(isSeen))
      this.#stacks.push(...(await this.#sampler.interrupt(stackCount, stackEveryMs)));
    if (this.#watches.has(watch)) await watch.found(found, this.#evidence());
  }

  #feed(samples: readonly Sample[], toNs: number): Findings {
    const findings = new Map<Watch, Finding[]>();
    for (const watch of this.#watches) findings.set(watch, watch.detector.feed(samples, toNs));
    return findings;
  }

  #feedAgain(toNs: number): Findings {
    const samples = this.#recent.flatMap((each) => this.#correct(each.samples));
    for (const { detector } of this.#watches) detector.reset();
    return this.#feed(samples, toNs);
  }

  #correct(samples: readonly Sample[]): Sample[] {
    return samples.map((sample) => {
      const dealt = this.#dealer.deal(sample.place);
      if (dealt === undefined) return sample;
      const place = this.#sampler.places.get(dealt.function, dealt.line, '');
      return { ...sample, place };
    });
  }

  #remember(window: SampledWindow, toNs: number): void {
    const longestMs = Math.max(
      0,
      ...[...this.#watches].map((each) => each.detector.options.windowMs),
    );
    const fromNs = toNs - longestMs * 1e6;
    this.#recent = this.#recent.filter((each) => each.profile.toNs > fromNs);
    this.#recent.push(window);
    this.#index = undefined;
  }

  #currentIndex(): FunctionIndex {
    this.#index ??= new FunctionIndex(
      this.#recent.map((each) => each.profile),
      this.#texts,
    );
    return this.#index;
  }

  #expireSplits(toNs: number): void {
    let isChanged = false;
    for (const [key, { judgedNs }] of this.#splits) {
      if (toNs - judgedNs < splitLifeNs) continue;
      this.#splits.delete(key);
      isChanged = true;
    }
    if (isChanged) this.#makeDealer();
  }

  #makeDealer(): void {
    const splits = new Map<string, Split>();
    for (const [key, { split }] of this.#splits) if (split !== undefined) splits.set(key, split);
    this.#dealer = new SplitDealer(splits);
  }

  #isProgramHot(toNs: number): boolean {
    for (const { detector } of this.#watches) {
      const fromNs = toNs - detector.options.windowMs * 1e6;
      const hits = this.#recent.reduce(
        (sum, { samples }) =>
          sum +
          samples.filter(({ node, timeNs }) => timeNs > fromNs && node.functionName === '(program)')
            .length,
        0,
      );
      if (hits >= detector.neededHits) return true;
    }
    return false;
  }

  async #interrupt(toNs: number): Promise<void> {
    if (toNs - this.#stacksNs < stacksFreshNs) return;
    this.#stacks = await this.#sampler.interrupt(stackCount, stackEveryMs);
    this.#stacksNs = toNs;
  }

  #judge(charged: readonly (HotFunction | undefined)[], toNs: number): boolean {
    let isChanged = false;
    for (const hot of charged) {
      const split = judgeSplit(hot, this.#stacks, this.#currentIndex(), this.#lineEvidence(hot));
      this.#splits.set(hot?.key ?? '', { split, judgedNs: toNs });
      isChanged ||= split !== undefined;
    }
    if (isChanged) this.#makeDealer();
    return isChanged;
  }

  #lineEvidence(hot: HotFunction | undefined): LineEvidence {
    const counts = new Map<number, number>();
    let total = 0;
    for (const { samples } of this.#recent) {
      for (const { place } of samples) {
        if (place.function?.key !== hot?.key || place.native !== '') continue;
        counts.set(place.line, (counts.get(place.line) ?? 0) + 1);
        total++;
      }
    }
    return {
      lines: [...counts.keys()],
      share: (line) => (total === 0 ? 0 : (counts.get(line) ?? 0) / total),
      rangeOf: (each) => {
        const last = this.#texts.tryGet(each.url)?.lastLineOfFunction(each.line, each.column);
        return last === undefined ? undefined : { first: each.line, last };
      },
    };
  }

  #evidence(): Evidence {
    const samples = (): Sample[] => this.#recent.flatMap((each) => this.#correct(each.samples));
    return {
      thread: this.#sampler.thread,
      stacks: this.#stacks,
      index: this.#currentIndex(),
      placesOf: (finding) =>
        samples()
          .filter((each) => isOf(finding, each))
          .map((each) => each.place),
      sampleOf: (finding) => samples().findLast((each) => isOf(finding, each)),
    };
  }
}

const isOf = (finding: Finding, { place }: Sample): boolean =>
  place.function?.key === finding.function.key &&
  (finding.line === 0 || place.line === finding.line);
