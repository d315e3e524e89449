import type { Arming } from '@extension-events/core';
import type { LinuxHost, PerfRequest, PerfSample } from '@extension-events/platform-linux';
import type { AddressBook } from './address-book.ts';
import type { Hit } from './internal-types.ts';
import { openTaskClock } from './task-clock.ts';

/** What one arming wants sampled. */
export interface StreamOptions {
  readonly scope: 'thread' | 'process' | 'system';
  readonly by: 'function' | 'line' | 'pc';
  readonly frequencyHz: number;
  /** Keep the call chain of each sample, and not of some. */
  readonly keepsChains: boolean;
}

/** Takes hits whose times do not decrease. */
export type HitSink = (hits: Hit[]) => void;

// Of one function in so many samples one keeps its call chain, the first for sure.
const chainEvery = 16;
// 65 536 samples that nobody has taken yet: the consumer of this stream is behind by seconds.
const maxWaiting = 65_536;

/** Samples of one arming as hits, in batches and in the order of their times. */
export class HitStream implements Disposable {
  readonly includesKernel: boolean;
  /** Samples that the kernel or we could not keep, so far. */
  lost = 0;
  readonly #host: LinuxHost;
  readonly #book: AddressBook;
  readonly #options: StreamOptions;
  readonly #sink: HitSink;
  readonly #open: Disposable;
  readonly #leavesScripted: boolean;
  #batch: Hit[] = [];
  #isScheduled = false;
  #isOver = false;
  #latestNs = -Infinity;

  /** @throws whatever `perf.open` throws */
  constructor(
    host: LinuxHost,
    book: AddressBook,
    { subject }: Pick<Arming, 'subject'>,
    options: StreamOptions,
    sink: HitSink,
    onLost: (count: number) => void = () => undefined,
  ) {
    this.#host = host;
    this.#book = book;
    this.#options = options;
    this.#sink = sink;
    // V8 sees its threads better; what it cannot do is ours.
    this.#leavesScripted = options.scope === 'thread' && options.by !== 'pc';
    const request: Omit<PerfRequest, 'event'> = {
      rate: { frequencyHz: options.frequencyHz },
      ...(subject === undefined ? {} : { tid: subject.tid }),
      ...(options.scope === 'system' ? { isSystemWide: true } : {}),
      onSample: (sample) => this.#take(sample),
      onLost: (count) => {
        this.lost += count;
        onLost(count);
      },
    };
    const { arming, includesKernel } = openTaskClock(host.perf, request);
    this.#open = arming;
    this.includesKernel = includesKernel;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#batch = [];
    this.#open[Symbol.dispose]();
  }

  #take(sample: PerfSample): void {
    // Process 0 is the CPU at rest.
    if (this.#isOver || sample.pid === 0) return;
    if (this.#leavesScripted && this.#host.isScripted(sample.tid)) return;
    if (this.#batch.length >= maxWaiting) {
      this.lost++;
      return;
    }
    const spot = this.#book.spotOf(sample);
    const wantsChain = this.#options.keepsChains || spot.byFunction.function.seen % chainEvery === 0;
    spot.byFunction.function.seen++;
    this.#batch.push({
      timeNs: sample.timeNs,
      tid: sample.tid,
      spot,
      place: this.#options.by === 'pc' ? spot.byPc : spot.byFunction,
      chain: wantsChain ? sample.callchain() : undefined,
    });
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // All rings are emptied in one go; what they hold together is sorted after that.
    queueMicrotask(() => this.#flush());
  } // prettier-ignore

  #flush(): void {
    this.#isScheduled = false;
    const hits = this.#batch;
    this.#batch = [];
    if (this.#isOver || hits.length === 0) return;
    if (hits.some((hit, at) => hit.timeNs < (hits[at - 1]?.timeNs ?? 0))) {
      hits.sort((a, b) => a.timeNs - b.timeNs);
    }
    // A thread that changed its CPU between two rounds may come late: its samples count as of now.
    for (const hit of hits) {
      if (hit.timeNs >= this.#latestNs) break;
      hit.timeNs = this.#latestNs;
    }
    this.#latestNs = hits.at(-1)?.timeNs ?? this.#latestNs;
    this.#sink(hits);
  }
}
