import type { Arming } from '@extension-events/core';
import type { LinuxHost } from '@extension-events/platform-linux';
import { usualFrequencyHz } from '../events.ts';
import type { Finding } from '../internal-types.ts';
import type { AddressBook } from './address-book.ts';
import { Groups } from './groups.ts';
import type { Group, GroupFindings } from './groups.ts';
import { HitStream } from './hit-stream.ts';
import type { StreamOptions } from './hit-stream.ts';
import { noThreadId } from './internal-types.ts';
import type { Hit, NativeCount, NativeEvidence } from './internal-types.ts';
import { lookUpLines, writePayload } from './native-payload.ts';
import { Stops } from './stops.ts';

/** What one arming is told about. */
export type Interest = 'hot' | 'candidate';

// By line, samples wait for the symbolizer; what comes while so many batches wait is lost, and said.
const maxWaitingBatches = 64;

/** Watches for one arming of `hot-spot` or `hot-spot.candidate`. */
export class NativeWatch implements Disposable {
  readonly #book: AddressBook;
  readonly #arming: Arming;
  readonly #interest: Interest;
  readonly #options: StreamOptions;
  readonly #windowMs: number;
  readonly #share: number;
  readonly #everyNs: number;
  readonly #groups: Groups;
  readonly #stream: HitStream;
  readonly #stops: Stops;
  readonly #threads: Disposable;
  /** When each group last had something to say, for candidates. */
  readonly #saidNs = new WeakMap<Group, number>();
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isOver = false;
  #toldLost = 0;

  /** @throws whatever `perf.open` throws */
  constructor(host: LinuxHost, book: AddressBook, arming: Arming, interest: Interest) {
    const { request } = arming;
    this.#book = book;
    this.#arming = arming;
    this.#interest = interest;
    this.#options = readStreamOptions(request);
    this.#windowMs = Number(request['windowMs']);
    this.#share = Number(request['share']);
    this.#everyNs = Number(request['everyMs'] ?? 0) * 1e6;
    const { hits } = request;
    const detectorOptions = {
      frequencyHz: this.#options.frequencyHz,
      windowMs: this.#windowMs,
      // What is counted together is in the key.
      by: 'function',
      share: this.#share,
      cooldownMs: Number(request['cooldownMs'] ?? request['everyMs']),
      ...(hits === undefined ? {} : { hits: Number(hits) }),
    } as const;
    this.#groups = new Groups(detectorOptions, this.#options.scope === 'thread');
    this.#stops = new Stops(host, book);
    this.#stream = new HitStream(host, book, arming, this.#options, (batch) => this.#take(batch));
    this.#threads = host.onThreads(({ removed }) => {
      for (const { tid } of removed) {
        this.#groups.forget(tid);
        this.#stops.forget(tid);
      }
    });
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#threads[Symbol.dispose]();
    this.#stream[Symbol.dispose]();
    this.#stops[Symbol.dispose]();
  }

  #take(hits: readonly Hit[]): void {
    if (this.#options.by !== 'line') {
      this.#feed(hits);
      return;
    }
    if (this.#waiting >= maxWaitingBatches) {
      this.#stream.lost += hits.length;
      return;
    }
    this.#waiting++;
    const before = this.#work;
    this.#work = this.#feedByLine(before, hits);
  }

  async #feedByLine(before: Promise<void>, hits: readonly Hit[]): Promise<void> {
    await before;
    const spots = new Set(hits.map(({ spot }) => spot));
    await Promise.all([...spots].map((spot) => lookUpLines(this.#book, spot)));
    this.#waiting--;
    for (const hit of hits) hit.place = hit.spot.byLine ?? hit.spot.byPc;
    if (!this.#isOver) this.#feed(hits);
  }

  #feed(hits: readonly Hit[]): void {
    for (const found of this.#groups.feed(hits)) {
      if (this.#interest === 'hot') this.#tellAll(found);
      else this.#tellTop(found);
    }
  }

  #tellAll({ group, findings }: GroupFindings): void {
    for (const finding of findings) this.#tell(group, finding);
  }

  /** The hottest place that is not hot, when nothing was said for a while. */
  #tellTop({ group, findings, toNs }: GroupFindings): void {
    for (const finding of findings) group.detector.rest(finding);
    const sinceNs = this.#saidNs.get(group);
    if (findings.length > 0 || sinceNs === undefined) this.#saidNs.set(group, toNs);
    else if (toNs - sinceNs >= this.#everyNs) {
      const top = group.detector.top(toNs);
      if (top === undefined) return;
      this.#saidNs.set(group, toNs);
      if (top.hits < this.#share * top.samples) this.#tell(group, top); // else hot, though at rest
    }
  }

  #tell(group: Group, finding: Finding<NativeCount>): void {
    const evidence = group.hits.evidence(finding.function.key, finding.timeNs);
    if (evidence === undefined) return;
    // One stop at a time; a place that is still hot after it is found again.
    if (this.#arming.isStop && this.#stops.isPending(evidence.tid)) return;
    group.detector.rest(finding);
    const lost = this.#stream.lost - this.#toldLost;
    this.#toldLost = this.#stream.lost;
    const notes = lost === 0 ? [] : [`${lost} samples lost`];
    if (!this.#stream.includesKernel) notes.push('time in the kernel is not seen');
    if (this.#arming.isStop) this.#stop(finding, evidence, notes);
    else void this.#post(finding, evidence, notes);
  }

  async #post(finding: Finding<NativeCount>, evidence: NativeEvidence, notes: readonly string[]): Promise<void> {
    await lookUpLines(this.#book, evidence.spot);
    if (this.#isOver) return;
    const payload = this.#write(finding, evidence, true, notes);
    this.#arming.post(payload, this.#subject(evidence.tid), finding.timeNs);
  } // prettier-ignore

  #stop(finding: Finding<NativeCount>, evidence: NativeEvidence, notes: readonly string[]): void {
    this.#stops.start(evidence, ({ timeNs, isAtPc, note }) => {
      const said = note === undefined ? notes : [...notes, note];
      const payload = this.#write(finding, evidence, isAtPc, said);
      this.#arming.post(payload, this.#subject(evidence.tid), timeNs);
    });
  }

  #write(
    finding: Finding<NativeCount>,
    evidence: NativeEvidence,
    confirmed: boolean,
    notes: readonly string[],
  ): Record<string, string | number | bigint | boolean> {
    const tellsPid = this.#options.scope === 'system';
    const circumstances = { windowMs: this.#windowMs, tellsPid, confirmed, notes };
    const symbols = this.#book.symbolsOf(evidence.spot);
    return { ...writePayload(finding, evidence, symbols, circumstances) };
  }

  #subject(tid: number): NonNullable<Arming['subject']> {
    return { tid, threadId: this.#arming.subject?.threadId ?? noThreadId };
  }
}

/** What a request means for sampling. */
export function readStreamOptions(request: Arming['request']): StreamOptions {
  return {
    scope: oneOf(request['scope'], ['process', 'system'], 'thread'),
    by: oneOf(request['by'], ['line', 'pc'], 'function'),
    frequencyHz: Number(request['frequencyHz'] ?? usualFrequencyHz.perf),
    keepsChains: false,
  };
}

function oneOf<const T extends string, const D extends string>(
  value: unknown,
  values: readonly T[],
  usual: D,
): T | D {
  return values.find((each) => each === value) ?? usual;
}
