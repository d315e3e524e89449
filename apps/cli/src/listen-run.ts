import { setTimeout as delay } from 'node:timers/promises';
import { countEvents, eventShape } from '@extension-events/consumer-logger/format';
import type { ExtensionEventError } from '@extension-events/core';
import { catchError, EMPTY } from 'rxjs';
import {
  type EventItem,
  type ListenOptions,
  type LossItem,
  mergeInOrder,
  type Summary,
  type TargetConnection,
  type TargetListening,
} from '@extension-events/session';
import { tellCandidates } from './candidates.ts';
import { formatEvent } from './format-event.ts';
import { isCoded, print, readerGone, say, toJson } from './output.ts';
import { type Refusal, sayRefusals } from './refusals.ts';

/** Why a run ends. */
export type End = 'enough' | 'timeout' | 'interrupted' | 'reader-gone' | 'gone';

/** When a run ends by itself, and how it writes. */
export interface RunOptions {
  readonly maxHit?: number;
  readonly timeout?: number;
  readonly json?: boolean;
}

const answerMs = 3000;
const nothingYet: Summary = { matched: 0, delivered: 0, lost: 0, throttled: 0 };

/** The listens of one command: prints what they hear, counts it, and knows when to end. */
export class ListenRun {
  readonly #connection: TargetConnection;
  readonly #options: RunOptions;
  readonly #listenings: TargetListening[] = [];
  readonly #undo: Disposable[] = [];
  /** What was printed, and what was told lost before the last line. */
  #printed = 0;
  #lost = 0;
  /** Told when it is known whether all refuse; `undefined`: it is. */
  #refusals: Refusal[] | undefined = [];
  #isFull = false;
  #isOver = false;
  #enough: () => void = () => undefined;
  readonly #hasEnough: Promise<'enough'>;

  constructor(connection: TargetConnection, options: RunOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#hasEnough = new Promise((resolve) => {
      this.#enough = () => resolve('enough');
    });
    const arms = connection.arms$.subscribe(({ error, event, listen }) => {
      if (error === undefined || !this.#listenings.some(({ id }) => id === listen)) return;
      const refusal = { event, error };
      if (this.#refusals === undefined) sayRefusals([refusal]);
      else this.#refusals.push(refusal);
    });
    this.#undo.push({ [Symbol.dispose]: () => arms.unsubscribe() });
  }

  open(all: readonly ListenOptions[]): void {
    const opened = all.map((options) => this.#connection.open(options));
    this.#listenings.push(...opened);
    // ready tells errors
    const items = opened.map(({ items$ }) => items$.pipe(catchError(() => EMPTY)));
    mergeInOrder(items).subscribe((item) => item.kind === 'loss' ? this.#lose(item) : this.#take(item)); // prettier-ignore
    const isSilent = (): boolean => this.#printed === 0;
    for (const options of all) this.#undo.push(tellCandidates(this.#connection, options, isSilent));
  }

  #take(item: EventItem): void {
    if (this.#isFull || this.#isOver) return;
    this.#printed++;
    print(this.#options.json === true ? toJson(eventShape(item)) : this.#format(item));
    if (this.#printed !== this.#options.maxHit) return;
    this.#isFull = true;
    this.#enough();
  }

  #lose({ count, reason, threadId }: LossItem): void {
    if (this.#isFull || this.#isOver) return;
    this.#lost += count;
    say(`${countEvents(count)} of thread ${threadId} lost here: ${reason}`);
  }

  #format(item: EventItem): string {
    const { eventTypes, threads } = this.#connection;
    const type = eventTypes.find(({ descriptor }) => descriptor.name === item.event);
    const thread = threads.find(({ tid }) => tid === item.tid);
    return formatEvent(item, type?.descriptor, thread?.name ?? `tid:${item.tid}`);
  }

  /**
   * Resolves when all listens are in force, with the number of threads that have not answered yet.
   *
   * @throws ExtensionEventError the agent's refusal
   */
  async ready(): Promise<number> {
    try {
      const answers = await Promise.all(this.#listenings.map((listening) => listening.ready));
      this.#settleRefusals();
      return new Set(answers.flatMap((answer) => answer.pending)).size;
    } catch (error) {
      if (!isCoded(error)) throw error;
      this.#settleRefusals(error);
      // A process that has ended refuses nothing: how it ended is told then.
      if (error.code === 'EE_CONNECTION_LOST' && (await this.#isGone())) {
        say('the process ended before it had answered: events of it may be missing');
        return 0;
      }
      throw error;
    }
  }

  async #isGone(): Promise<boolean> {
    const ended = this.#connection.ended.then(() => true);
    return Promise.race([ended, delay(answerMs, false, { ref: false })]);
  }

  /** Says which event types refuse, but for the reason that is told by the end of the command. */
  #settleRefusals(end?: ExtensionEventError): void {
    const refusals = this.#refusals ?? [];
    this.#refusals = undefined;
    sayRefusals(refusals.filter(({ error }) => error.message !== end?.message));
  }

  /** Waits for the first of all reasons to end. */
  async untilEnd(interrupted: Promise<'interrupted'>): Promise<End> {
    const { timeout } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<'timeout'>((resolve) => {
      if (timeout !== undefined) timer = setTimeout(resolve, timeout, 'timeout');
    });
    const gone = this.#connection.ended.then(() => 'gone' as const);
    try {
      return await Promise.race([this.#hasEnough, interrupted, readerGone, gone, limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  // The agent of a process that is stopped does not answer; what has arrived is known.
  async #unlisten(): Promise<void> {
    const ends = this.#listenings.map((listening) => listening.unlisten());
    const late = delay(answerMs, 'late' as const, { ref: false });
    if ((await Promise.race([Promise.all(ends), late])) === 'late')
      say('the agent does not answer: the account is that of the events which have arrived');
  }

  /** Ends the listens; resolves with their account. */
  async close(): Promise<Summary> {
    for (const undo of this.#undo) undo[Symbol.dispose]();
    await this.#unlisten();
    this.#isOver = true; // what comes later is in no account
    const { matched, delivered, lost, throttled } = this.#listenings
      .map((listening) => listening.summary)
      .reduce((sum, one) => addUp(sum, one), nothingYet);
    if (!this.#isFull) return { matched, delivered, lost, throttled };
    // Enough was heard: the account ends with the last line that was printed. What was posted
    // between it and the end of the listen was asked for by nobody.
    const before = this.#printed + this.#lost + throttled;
    return { matched: before, delivered: this.#printed, lost: this.#lost, throttled };
  }
}

function addUp(a: Summary, b: Summary): Summary {
  return {
    matched: a.matched + b.matched,
    delivered: a.delivered + b.delivered,
    lost: a.lost + b.lost,
    throttled: a.throttled + b.throttled,
  };
}
