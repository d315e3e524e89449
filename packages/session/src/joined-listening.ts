import { type Observable, Subject } from 'rxjs';
import type { Account } from '@extension-events/protocol';
import { toItems } from './batch-items.ts';
import type { EventItem, LossItem, Summary } from './items.ts';
import type { ListenAnswer, Listening, ListenOptions } from './listening.ts';
import type { RecordBatch } from './record-batch.ts';
import type { Side, TargetListening } from './target-connection.ts';

/** What a listen needs of its joined connection. */
export interface JoinedListeningHost {
  /** The joined key of a thread that a side names. */
  keyOf(side: Side, sideKey: number): number;
  /** Records of a side, or their loss, as the joined connection knows their threads. */
  place(side: Side, item: RecordBatch | LossItem): RecordBatch | LossItem;
  /** Has this side an event type that the pattern means? */
  mayServe(side: Side, pattern: string): boolean;
  /** One side cannot serve it, another does. */
  refused(error: unknown): void;
  ended(listening: JoinedListening): void;
}

/** One listen over the sides that serve it, with one account. */
export class JoinedListening implements TargetListening {
  readonly id: number;
  readonly options: ListenOptions;
  readonly ready: Promise<ListenAnswer>;
  readonly #host: JoinedListeningHost;
  readonly #records: Subject<RecordBatch | LossItem> = new Subject();
  readonly items$: Observable<EventItem | LossItem> = toItems(this.#records);
  readonly #parts: Map<Side, Listening> = new Map();
  /** Sides whose part has ended by itself; a listen ends with its last part. */
  #open = 0;
  #isSettled = false;
  #ending: Promise<readonly Account[]> | undefined;
  #isOver = false;

  /** @param start - opens the parts; rejects when nobody serves the listen */
  constructor(
    id: number,
    options: ListenOptions,
    host: JoinedListeningHost,
    start: (listening: JoinedListening) => Promise<void> | undefined,
  ) {
    this.id = id;
    this.options = options;
    this.#host = host;
    const opening = start(this);
    this.ready = this.#settle(opening);
    this.ready.catch((error: unknown) => this.#fail(error));
  }

  get records$(): Observable<RecordBatch | LossItem> {
    return this.#records;
  }

  get sides(): Side[] {
    return [...this.#parts.keys()];
  }

  has(side: Side): boolean {
    return this.#parts.has(side);
  }

  get isOver(): boolean {
    return this.#isOver || this.#ending !== undefined;
  }

  /** Hears this side's part too, from its first event on. */
  add(side: Side, part: Listening): void {
    this.#parts.set(side, part);
    this.#open++;
    part.records$.subscribe({
      next: (item) => this.#records.next(this.#host.place(side, item)),
      error: () => this.#partEnded(),
      complete: () => this.#partEnded(),
    });
  }

  #partEnded(): void {
    this.#open--;
    if (this.#open === 0 && this.#isSettled) this.#finish();
  }

  async #settle(opening: Promise<void> | undefined): Promise<ListenAnswer> {
    await opening;
    const parts = [...this.#parts];
    const answers = await Promise.allSettled(parts.map(([, part]) => part.ready));
    const refusals = answers.filter((answer) => answer.status === 'rejected');
    const mayServe = parts.some(([side], i) => answers[i]?.status === 'fulfilled' && this.#host.mayServe(side, this.options.pattern)); // prettier-ignore
    if (refusals[0] !== undefined && !mayServe) {
      await Promise.all(parts.map(([, part]) => part.unlisten()));
      throw refusals[0].reason;
    }
    for (const { reason } of refusals) this.#host.refused(reason);
    this.#isSettled = true;
    if (this.#open === 0 && parts.length > 0) this.#finish();
    const keysOf = (pick: (answer: ListenAnswer) => readonly number[]): number[] =>
      parts.flatMap(([side], index) => {
        const answer = answers[index];
        if (answer?.status !== 'fulfilled') return [];
        return pick(answer.value).map((key) => this.#host.keyOf(side, key));
      });
    return { threads: keysOf(({ threads }) => threads), pending: keysOf(({ pending }) => pending) };
  }

  /** A part that came after the others: its side was not there yet. */
  async addLate(side: Side, part: Listening): Promise<void> {
    this.add(side, part);
    await part.ready.catch((error: unknown) => this.#host.refused(error));
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#parts.clear();
    this.#records.error(error);
    this.#host.ended(this);
  }

  #finish(): void {
    if (this.#isOver || this.#ending !== undefined) return;
    this.#isOver = true;
    this.#records.complete();
    this.#host.ended(this);
  }

  unlisten(): Promise<readonly Account[]> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<readonly Account[]> {
    await this.ready.catch(() => undefined);
    const accounts = await Promise.all(
      [...this.#parts].map(async ([side, part]) =>
        (await part.unlisten()).map((account) => ({
          ...account,
          thread: this.#host.keyOf(side, account.thread),
        })),
      ),
    );
    if (!this.#isOver) {
      this.#isOver = true;
      this.#records.complete();
      this.#host.ended(this);
    }
    return accounts.flat();
  }

  /** Ends one side's part, for a listen that the other side has used up. */
  async drop(side: Side): Promise<void> {
    await this.#parts.get(side)?.unlisten();
  }

  get summary(): Summary {
    const sum = { matched: 0, delivered: 0, lost: 0, throttled: 0 };
    for (const { summary } of this.#parts.values()) {
      sum.matched += summary.matched;
      sum.delivered += summary.delivered;
      sum.lost += summary.lost;
      sum.throttled += summary.throttled;
    }
    return sum;
  }
}
