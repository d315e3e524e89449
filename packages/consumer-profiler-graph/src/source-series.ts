import type { RecordType } from '@extension-events/session';
import type { Series } from './graph-types.ts';
import type { NameThread } from './incident-tail.ts';
import { SeriesLine } from './series-line.ts';
import { SeriesLines } from './series-lines.ts';
import type { Span } from './span.ts';

const rateMs = 500;
const rateBuckets = 4;

/** Incidents over time: in all, by thread and by event, and what was lost. */
export class SourceSeries {
  readonly #sum: SeriesLine = new SeriesLine('sum', 'sum');
  readonly #lost: SeriesLine = new SeriesLine('lost', 'lost');
  readonly #byEvent: SeriesLines = new SeriesLines();
  readonly #byThread: SeriesLines = new SeriesLines();
  readonly #nameThread: NameThread;
  // Neighbouring records are of one thread, and often of one type.
  #type: RecordType | undefined;
  #pid = -1;
  #tid = -1;
  #eventLine: SeriesLine = this.#sum;
  #threadLine: SeriesLine = this.#sum;

  constructor(nameThread: NameThread) {
    this.#nameThread = nameThread;
  }

  add(type: RecordType, pid: number, tid: number, timeMs: number): void {
    this.#sum.add(timeMs);
    if (type !== this.#type) {
      this.#type = type;
      this.#eventLine = this.#byEvent.line(type.name, () => type.name, timeMs);
    }
    this.#eventLine.add(timeMs);
    if (tid !== this.#tid || pid !== this.#pid) {
      this.#tid = tid;
      this.#pid = pid;
      this.#threadLine = this.#byThread.line(`${pid}/${tid}`, () => this.#nameThread(pid, tid), timeMs); // prettier-ignore
    }
    this.#threadLine.add(timeMs);
  }

  lose(count: number, timeMs: number): void {
    this.#lost.add(timeMs, count);
  }

  series(span: Span, by: 'sum' | 'thread' | 'event'): Series {
    const lines =
      by === 'sum' ? [this.#sum] : by === 'event' ? this.#byEvent.all : this.#byThread.all;
    return {
      startMs: span.first * span.bucketMs,
      bucketMs: span.bucketMs,
      lines: lines.map((line) => {
        const counts = line.counts(span);
        const total = counts.reduce((sum, count) => sum + count, 0);
        return { key: line.key, label: line.label, counts, total };
      }),
      lost: this.#lost.counts(span),
    };
  }

  /** Incidents a second over the last whole half seconds. */
  perSecond(nowMs: number): number {
    const last = Math.floor(nowMs / rateMs) - 1;
    const span = { level: 0, bucketMs: rateMs, first: last - rateBuckets + 1, last };
    const count = this.#sum.counts(span).reduce((sum, one) => sum + one, 0);
    return (count * 1000) / (rateMs * rateBuckets);
  }
}
