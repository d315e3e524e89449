import { type Observable, Subject } from 'rxjs';
import type { RequestValues } from '@extension-events/core';
import type {
  Account,
  CatchOptions,
  ListenFrame,
  LossFrame,
  ThreadInfo,
  UnlistenFrame,
} from '@extension-events/protocol';
import { parseExpression } from '@extension-events/script/expression';
import { toItems } from './batch-items.ts';
import type { EventItem, LossItem, Summary } from './items.ts';
import type { RecordBatch } from './record-batch.ts';
import type { RecordSink } from './record-stream.ts';

/** What to listen to. */
export interface ListenOptions {
  /** Event name or pattern: `*` within a part, `**` across parts. Requested types need their exact name. */
  readonly pattern: string;
  /** Only this subject thread: Node's threadId, or `tid:N`. */
  readonly thread?: string;
  /** Predicate text, checked and evaluated in the posting thread. */
  readonly where?: string;
  /** Parameters of a requested type. */
  readonly request?: RequestValues;
  /** Frames of the poster's stack to attach. */
  readonly stack?: number;
  readonly eventsPerSecond?: number;
  /** Makes it a catchpoint; needs the grant `stop`. */
  readonly catch?: CatchOptions;
}

/** Where a listen is in force, and where the thread has not answered yet. */
export interface ListenAnswer {
  readonly threads: readonly number[];
  readonly pending: readonly number[];
}

/** What a connection does for its listens. */
export interface ListeningHost {
  /** @param onAnswer - called before any later frame is looked at */
  request(frame: ListenFrame, onAnswer: (answer: ListenFrame) => void): Promise<ListenFrame>;
  requestEnd(frame: UnlistenFrame): Promise<UnlistenFrame>;
  threadOf(key: number): ThreadInfo | undefined;
  attach(listening: Listening): void;
  detach(listening: Listening): void;
}

/** One listen on one process. */
export class Listening implements RecordSink {
  readonly id: number;
  readonly options: ListenOptions;
  /** Resolves when the listen is in force; rejects with the coded refusal. */
  readonly ready: Promise<ListenAnswer>;
  slot = -1;
  delivered = 0;
  /** Losses that were told in band. */
  #told = 0;
  readonly #records: Subject<RecordBatch | LossItem> = new Subject();
  /** Events and losses, in order; completes when the listen or the process ends. */
  readonly items$: Observable<EventItem | LossItem> = toItems(this.#records);
  readonly #host: ListeningHost;
  readonly #seqs: Map<number, number> = new Map();
  #accounts: readonly Account[] | undefined;
  #ending: Promise<readonly Account[]> | undefined;

  /** @internal Made by {@link Connection.open}. */
  constructor(id: number, options: ListenOptions, host: ListeningHost) {
    this.id = id;
    this.options = options;
    this.#host = host;
    this.ready = this.#start();
    this.ready.catch((error: unknown) => this.#records.error(error));
  }

  get records$(): Observable<RecordBatch | LossItem> {
    return this.#records;
  }

  get stackFrames(): number {
    return this.options.stack ?? 0;
  }

  async #start(): Promise<ListenAnswer> {
    // Names that come later would be refused one by one, where nobody is waiting for the answer.
    if (this.options.where !== undefined) parseExpression(this.options.where);
    const { threads = [], pending = [] } = await this.#host.request(
      { kind: 'listen', listen: this.id, ...this.options },
      ({ slot }) => {
        this.slot = slot ?? -1;
        this.#host.attach(this);
      },
    );
    return { threads, pending };
  }

  takeSeqs(thread: number, count: number): number {
    const last = this.#seqs.get(thread) ?? 0;
    this.#seqs.set(thread, last + count);
    return last + 1;
  }

  accept(batch: RecordBatch): void {
    this.delivered += batch.count;
    this.#records.next(batch);
  }

  /** @internal */
  lose({ thread: key, reason, count }: LossFrame): void {
    this.#seqs.set(key, (this.#seqs.get(key) ?? 0) + count);
    this.#told += count;
    const thread = this.#host.threadOf(key);
    this.#records.next({
      kind: 'loss',
      reason,
      count,
      tid: thread?.tid ?? 0,
      threadId: thread?.threadId ?? 0,
    });
  }

  /** Ends the listen; its accounts come after its last record. */
  unlisten(): Promise<readonly Account[]> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<readonly Account[]> {
    await this.ready.catch(() => undefined);
    if (this.#accounts === undefined) {
      const answer = await this.#host
        .requestEnd({ kind: 'unlisten', listen: this.id })
        .catch(() => undefined);
      this.finish(answer?.accounts ?? []);
    }
    return this.#accounts ?? [];
  }

  /** @internal The listen is over: its accounts are known, or the connection is gone. */
  finish(accounts: readonly Account[]): void {
    if (this.#accounts !== undefined) return;
    this.#accounts = accounts;
    this.#host.detach(this);
    this.#records.complete();
  }

  /** Exact once the listen has ended; before, what has arrived. */
  get summary(): Summary {
    const accounts = this.#accounts ?? [];
    const sum = (pick: (account: Account) => number): number =>
      accounts.reduce((total, account) => total + pick(account), 0);
    const lost = Math.max(
      sum((account) => account.lost),
      this.#told,
    );
    const throttled = sum((account) => account.throttled);
    const matched = sum((account) => account.matched);
    // A process that was killed took its counters with it: what arrived is what is known.
    return {
      matched: Math.max(matched, this.delivered + lost + throttled),
      delivered: this.delivered,
      lost,
      throttled,
    };
  }
}
