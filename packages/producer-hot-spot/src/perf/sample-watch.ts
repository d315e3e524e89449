import type { Arming } from '@extension-events/core';
import type { LinuxHost, PerfSample } from '@extension-events/platform-linux';
import type { AddressBook } from './address-book.ts';
import { HitStream } from './hit-stream.ts';
import { noThreadId } from './internal-types.ts';
import type { Hit } from './internal-types.ts';
import { lookUpLines, writeSample } from './native-payload.ts';
import { readStreamOptions } from './native-watch.ts';
import { openTaskClock } from './task-clock.ts';

const maxWaiting = 4096;

/** Posts `hot-spot.sample` for each sample, in order, with the source line when it is known. */
export class NativeSampleWatch implements Disposable {
  readonly #book: AddressBook;
  readonly #arming: Arming;
  readonly #tellsPid: boolean;
  readonly #open: Disposable;
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isOver = false;

  /** @throws whatever `perf.open` throws */
  constructor(host: LinuxHost, book: AddressBook, arming: Arming) {
    this.#book = book;
    this.#arming = arming;
    const options = { ...readStreamOptions(arming.request), keepsChains: true };
    this.#tellsPid = options.scope === 'system';
    this.#open = arming.isStop
      ? this.#openStop(host, options.frequencyHz, options.scope === 'thread')
      : new HitStream(host, book, arming, options, (hits) => this.#queue(hits), (count) => arming.lose(count));
  } // prettier-ignore

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#open[Symbol.dispose]();
  }

  #queue(hits: readonly Hit[]): void {
    if (this.#waiting + hits.length > maxWaiting) {
      this.#arming.lose(hits.length);
      return;
    }
    this.#waiting += hits.length;
    this.#work = this.#postAfter(this.#work, hits);
  }

  async #postAfter(before: Promise<void>, hits: readonly Hit[]): Promise<void> {
    await before;
    const spots = new Set(hits.map(({ spot }) => spot));
    await Promise.all([...spots].map((spot) => lookUpLines(this.#book, spot)));
    this.#waiting -= hits.length;
    if (!this.#isOver) for (const hit of hits) this.#post(hit);
  }

  #post(hit: Pick<Hit, 'spot' | 'chain' | 'tid' | 'timeNs'>): void {
    const payload = writeSample(hit, this.#book.symbolsOf(hit.spot), this.#tellsPid);
    const subject = { tid: hit.tid, threadId: this.#arming.subject?.threadId ?? noThreadId };
    this.#arming.post({ ...payload }, subject, hit.timeNs);
  }

  // The thread is stopped by the very sample, so it is posted at once; its line is known the next time.
  #openStop(host: LinuxHost, frequencyHz: number, leavesScripted: boolean): Disposable {
    const { subject } = this.#arming;
    const onSample = (sample: PerfSample): void => {
      if (this.#isOver || (leavesScripted && host.isScripted(sample.tid))) return;
      const spot = this.#book.spotOf(sample);
      this.#post({ spot, tid: sample.tid, timeNs: sample.timeNs, chain: sample.callchain() });
      void lookUpLines(this.#book, spot);
    };
    const { arming } = openTaskClock(host.perf, {
      rate: { period: Math.round(1e9 / frequencyHz) },
      ...(subject === undefined ? {} : { tid: subject.tid }),
      signalsThread: true,
      isUrgent: true,
      onSample,
      onLost: (count) => this.#arming.lose(count),
    });
    return arming;
  }
}
