import type { EventItem, RecordBatch, SessionLoss } from '@extension-events/session';
import type { GraphClock } from './clock.ts';
import type { Incident, IncidentGap } from './graph-types.ts';

/** Gives numbers to all incidents of a graph. */
export class IncidentNumbers {
  #next = 1;

  /** The first of so many. */
  take(count: number): number {
    const first = this.#next;
    this.#next += count;
    return first;
  }
}

interface Waiting {
  readonly batch: RecordBatch;
  readonly first: number;
}

/** What a tail needs to know of threads. */
export type NameThread = (pid: number, tid: number) => string;

/**
 * The newest events of a source, and gaps at their places. Batches wait undecoded: most are pushed
 * out again before anybody looks.
 */
export class IncidentTail {
  readonly #limit: number;
  readonly #clock: GraphClock;
  readonly #numbers: IncidentNumbers;
  readonly #nameThread: NameThread;
  #items: (Incident | IncidentGap)[] = [];
  #waiting: (Waiting | IncidentGap)[] = [];
  #waitingCount = 0;

  constructor(limit: number, clock: GraphClock, numbers: IncidentNumbers, nameThread: NameThread) {
    this.#limit = limit;
    this.#clock = clock;
    this.#numbers = numbers;
    this.#nameThread = nameThread;
  }

  add(batch: RecordBatch): void {
    this.#waiting.push({ batch, first: this.#numbers.take(batch.count) });
    this.#waitingCount += batch.count;
    this.#drop();
  }

  lose({ count, pid, reason, tid }: SessionLoss): void {
    this.#waiting.push({ kind: 'loss', number: this.#numbers.take(1), pid, tid, count, reason });
    this.#waitingCount++;
    this.#drop();
  }

  #drop(): void {
    let gone = 0;
    for (const waiting of this.#waiting) {
      const count = 'batch' in waiting ? waiting.batch.count : 1;
      if (this.#waitingCount - count < this.#limit) break;
      this.#waitingCount -= count;
      gone++;
    }
    if (gone === 0) return;
    this.#waiting.splice(0, gone);
    this.#items = [];
  }

  /** Decodes what is to be kept, and lets go of the bytes that came with it. */
  settle(): void {
    if (this.#waiting.length === 0) return;
    this.#items = this.newest(this.#limit);
    this.#waiting = [];
    this.#waitingCount = 0;
  }

  /** The newest so many, oldest first. */
  newest(count: number): (Incident | IncidentGap)[] {
    const wanted = Math.min(count, this.#limit);
    const missing = Math.max(wanted - this.#waitingCount, 0);
    const items = missing === 0 ? [] : this.#items.slice(-missing);
    let surplus = Math.max(this.#waitingCount - wanted, 0);
    for (const waiting of this.#waiting) {
      if (!('batch' in waiting)) {
        if (surplus > 0) surplus--;
        else items.push(waiting);
        continue;
      }
      const { batch, first } = waiting;
      const skip = Math.min(surplus, batch.count);
      surplus -= skip;
      if (skip === batch.count) continue;
      for (const [index, item] of batch.items(skip).entries())
        items.push(this.#incident(item, first + skip + index));
    }
    return items;
  }

  #incident(item: EventItem, number: number): Incident {
    const { pid, tid, timestampNs } = item;
    const timeMs = this.#clock.toMs(timestampNs);
    return { ...item, number, timeMs, threadName: this.#nameThread(pid, tid) };
  }

  /** All that are kept, oldest first. */
  get items(): readonly (Incident | IncidentGap)[] {
    this.settle();
    return this.#items;
  }
}
