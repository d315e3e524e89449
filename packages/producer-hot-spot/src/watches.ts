import type { Arming } from '@extension-events/core';
import type { V8Thread } from '@extension-events/platform-v8';
import { Detector } from './detector.ts';
import type { DetectorOptions } from './detector.ts';
import { usualFrequencyHz } from './events.ts';
import type { Finding, Sample } from './internal-types.ts';
import type { PayloadWriter } from './payload.ts';
import type { Evidence, Watch } from './thread-judge.ts';

type Request = Arming['request'];

function detectorOptions(request: Request): DetectorOptions {
  const { hits } = request;
  return {
    frequencyHz: Number(request['frequencyHz'] ?? usualFrequencyHz.v8),
    windowMs: Number(request['windowMs']),
    by: request['by'] === 'line' ? 'line' : 'function',
    share: Number(request['share']),
    cooldownMs: Number(request['cooldownMs'] ?? request['everyMs']),
    ...(hits === undefined ? {} : { hits: Number(hits) }),
  };
}

/** Posts `hot-spot` for each place that gathered enough samples. */
export class HotSpotWatch implements Watch {
  readonly detector: Detector;
  readonly #arming: Arming;
  readonly #writer: PayloadWriter;

  constructor(arming: Arming, writer: PayloadWriter) {
    this.detector = new Detector(detectorOptions(arming.request));
    this.#arming = arming;
    this.#writer = writer;
  }

  async found(findings: readonly Finding[], evidence: Evidence): Promise<void> {
    for (const finding of findings.toSorted((a, b) => a.timeNs - b.timeNs || b.hits - a.hits)) {
      this.detector.rest(finding);
      const payload = await this.#writer.write(finding, evidence, this.detector.options.windowMs);
      this.#arming.post({ ...payload }, evidence.thread.subject, finding.timeNs);
    }
  }
}

/** Posts `hot-spot.candidate` now and then while no place of the thread reaches the share. */
export class CandidateWatch implements Watch {
  readonly detector: Detector;
  readonly #arming: Arming;
  readonly #writer: PayloadWriter;
  readonly #everyNs: number;
  #lastNs: number | undefined;

  constructor(arming: Arming, writer: PayloadWriter) {
    this.detector = new Detector(detectorOptions(arming.request));
    this.#arming = arming;
    this.#writer = writer;
    this.#everyNs = Number(arming.request['everyMs']) * 1e6;
  }

  /** Something is hot: then there is nothing to say about candidates for a while. */
  async found(findings: readonly Finding[]): Promise<void> {
    this.#lastNs = findings.at(-1)?.timeNs;
    for (const finding of findings) this.detector.rest(finding);
  }

  wantsTop(toNs: number): boolean {
    this.#lastNs ??= toNs;
    return toNs - this.#lastNs >= this.#everyNs;
  }

  async top(finding: Finding, evidence: Evidence): Promise<void> {
    this.#lastNs = finding.timeNs;
    if (finding.hits >= this.detector.options.share * finding.samples) return; // hot, though at rest
    const payload = await this.#writer.write(finding, evidence, this.detector.options.windowMs);
    this.#arming.post({ ...payload }, evidence.thread.subject, finding.timeNs);
  }
}

/** Posts `hot-spot.sample` for each sample, at its own frequency. */
export class SampleWatch implements Watch {
  readonly detector: Detector;
  readonly #arming: Arming;
  readonly #writer: PayloadWriter;
  readonly #thread: V8Thread;
  #nextDueNs = -Infinity;

  constructor(arming: Arming, writer: PayloadWriter, thread: V8Thread) {
    const frequencyHz = Number(arming.request['frequencyHz']);
    // It finds nothing: more hits than a window can hold would be needed.
    this.detector = new Detector({
      frequencyHz,
      windowMs: 1000,
      by: 'function',
      share: 1,
      hits: 1e9,
      cooldownMs: 0,
    });
    this.#arming = arming;
    this.#writer = writer;
    this.#thread = thread;
  }

  async found(): Promise<void> {
    // never called
  }

  sampled(samples: readonly Sample[]): void {
    const periodNs = 1e9 / this.detector.options.frequencyHz;
    for (const sample of samples) {
      if (sample.timeNs < this.#nextDueNs - periodNs / 4) continue;
      this.#nextDueNs = Math.max(this.#nextDueNs + periodNs, sample.timeNs + periodNs / 2);
      const payload = this.#writer.writeSample(sample);
      if (payload !== undefined)
        this.#arming.post({ ...payload }, this.#thread.subject, sample.timeNs);
    }
  }
}
