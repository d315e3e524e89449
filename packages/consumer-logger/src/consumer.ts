import { setTimeout as delay } from 'node:timers/promises';
import { map, type Observable, ReplaySubject, Subscription } from 'rxjs';
import { type ExtensionEventError } from '@extension-events/core';
import { type EventItem, mergeInOrder, type Session, type SessionListening, type SessionPart, type Summary } from '@extension-events/session'; // prettier-ignore
import { watchArms } from './arm-refusals.ts';
import { Catalogue } from './catalogue.ts';
import { paintAll, paintNothing, wantsColour } from './colour.ts';
import { createFormat, trailers } from './format.ts';
import { checkOptions, chooseFormat, listensOf } from './options.ts';
import { openOutput, type Output } from './output.ts';
import { Recorder } from './recorder.ts';
import type { LoggedLoss, Logger, LoggerEnd, LoggerNotice, LoggerOptions, LoggerSummary } from './types.ts'; // prettier-ignore

/** What a logger asks of its session. */
export type LoggerSession = Pick<Session, 'openListening' | 'processes$' | 'targets$'>;

const answerMs = 3000;
const keptNotices = 100;
const nothing: Summary = { matched: 0, delivered: 0, lost: 0, throttled: 0 };

/**
 * Writes down what the processes of a session post, present and future ones.
 *
 * @throws ExtensionEventError `EE_PATTERN`, `EE_LOG_OPTIONS`, `EE_LOG_OPEN`
 */
export function createLogger(session: LoggerSession, options: LoggerOptions): Logger {
  return new SessionLogger(session, options);
}

class SessionLogger implements Logger {
  readonly ready: Promise<void>;
  readonly ended: Promise<LoggerSummary>;
  readonly #notices: ReplaySubject<LoggerNotice> = new ReplaySubject(keptNotices);
  readonly #names: Catalogue;
  readonly #output: Output;
  readonly #recorder: Recorder;
  readonly #listenings: readonly SessionListening[];
  readonly #subscription: Subscription = new Subscription();
  readonly #maxHit: number;
  readonly #told: WeakSet<ExtensionEventError> = new WeakSet();
  #taken = 0;
  #toldLost = 0;
  #account: LoggerSummary | undefined;
  #ending: Promise<void> | undefined;
  #failure: ExtensionEventError | undefined;
  #isOver = false;
  #resolveEnded: (summary: LoggerSummary) => void = () => undefined;

  constructor(session: LoggerSession, options: LoggerOptions) {
    const listens = listensOf(options);
    checkOptions(options);
    const { targets = () => true } = options;
    this.#maxHit = options.maxHit ?? Infinity;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    const formatName = chooseFormat(options);
    this.#output = openOutput(options.out, { ...options, trailer: trailers[formatName] });
    this.#names = new Catalogue(session);
    const { isTerminal } = this.#output;
    // A file is read by programs too, whatever the terminal wants.
    const hasColour = options.colour ?? (typeof options.out !== 'string' && wantsColour(isTerminal, process.env)); // prettier-ignore
    const format = createFormat(formatName, {
      names: this.#names,
      paint: hasColour ? paintAll : paintNothing,
      isTerminal,
    });
    this.#recorder = new Recorder(format, this.#output, {
      failed: (error) => this.#fail(error as ExtensionEventError),
      slow: () => this.#notices.next({ kind: 'slow', message: 'the output takes less than comes: what it has no room for is counted as lost' }), // prettier-ignore
    });
    const patterns = listens.map(({ pattern }) => pattern);
    const arms = watchArms(
      session,
      patterns,
      targets,
      (pid, event, error) =>
      this.#notices.next({ kind: 'not-heard', message: `${event} is not heard in process ${pid}`, pid, event, error }), // prettier-ignore
    );
    this.#subscription.add(arms);
    this.#listenings = listens.map((listen) => session.openListening(listen, targets));
    this.#hear();
    this.ready = this.#getReady();
    this.ready.catch(() => undefined); // `ended` tells it too
  }

  get notices$(): Observable<LoggerNotice> {
    return this.#notices;
  }

  #hear(): void {
    const items = this.#listenings.map(({ items$, options: { pattern } }) =>
      items$.pipe(map((item) => (item.kind === 'event' ? item : { ...item, pattern }))),
    );
    mergeInOrder(items).subscribe((item) => {
      if (item.kind === 'event') return this.#take(item);
      const { count, pattern, pid, reason, tid } = item;
      return this.#lose({ pid, tid, count, reason, pattern });
    });
    for (const { options, parts$ } of this.#listenings) {
      this.#subscription.add(
        parts$.subscribe((parts) => {
          for (const part of parts) this.#tellRefusal(options.pattern, part);
        }),
      );
    }
  }

  #tellRefusal(pattern: string, { error, pid }: SessionPart): void {
    if (error === undefined || this.#told.has(error)) return;
    this.#told.add(error);
    if (isLost(error)) this.#notices.next({ kind: 'ended', message: `process ${pid} ended before it had answered for ${pattern}: events of it may be missing`, pid }); // prettier-ignore
    else this.#notices.next({ kind: 'refused', message: `process ${pid} does not serve ${pattern}`, pid, error }); // prettier-ignore
  }

  async #getReady(): Promise<void> {
    await Promise.all(this.#listenings.map(({ ready }) => ready));
    for (const { parts } of this.#listenings) {
      const refusal = parts.find(isRefused)?.error;
      if (refusal === undefined || !parts.every(isRefused)) continue;
      await this.#end('failed', refusal);
      throw refusal;
    }
    // The file is overwritten now that there is something to write; with the first event at the latest.
    this.#recorder.open();
    if (this.#failure !== undefined) throw this.#failure;
    this.#tellPending();
  }

  // Each listen waits for the same threads.
  #tellPending(): void {
    const pending = Math.max(...this.#listenings.map(({ parts }) => parts.reduce((sum, part) => sum + part.pending, 0))); // prettier-ignore
    if (pending > 0)
      this.#notices.next({ kind: 'pending', message: `${pending} thread(s) are inside a blocking call and have not answered yet; they are heard after it` }); // prettier-ignore
  }

  get #isFull(): boolean {
    return this.#taken >= this.#maxHit;
  }

  #take(item: EventItem): void {
    if (this.#isFull || this.#isOver) return;
    this.#taken++;
    this.#recorder.event(item);
    if (this.#isFull) void this.#end('max-hit');
  }

  #lose(loss: LoggedLoss): void {
    if (this.#isFull || this.#isOver) return;
    this.#toldLost += loss.count;
    this.#recorder.loss(loss);
  }

  #fail(error: ExtensionEventError): void {
    this.#failure ??= error;
    void this.#end('failed', error);
  }

  get summary(): LoggerSummary {
    return this.#account ?? { ...this.#count(), ...this.#size() }; // prettier-ignore
  }

  #size(): Pick<LoggerSummary, 'bytes' | 'files' | 'removed'> {
    const { bytes, files, removed } = this.#output;
    return { bytes, files, removed };
  }

  #count(): Summary {
    const { delivered, lost, matched, throttled } = this.#listenings.map(({ summary }) => summary).reduce(addUp, nothing); // prettier-ignore
    const { written } = this.#recorder;
    if (!this.#isFull)
      return { matched, delivered: written, lost: lost + delivered - written, throttled };
    // The account ends with the last event: what was posted between it and the end of the listen
    // was asked for by nobody.
    const gone = this.#toldLost + this.#taken - written;
    return { matched: written + gone + throttled, delivered: written, lost: gone, throttled };
  }

  async close(): Promise<LoggerSummary> {
    void this.#end('closed');
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #end(why: LoggerEnd, error?: ExtensionEventError): Promise<void> {
    this.#ending ??= this.#finish(why, error);
    return this.#ending;
  }

  async #finish(why: LoggerEnd, error: ExtensionEventError | undefined): Promise<void> {
    // The constructor may still be at work.
    await Promise.resolve();
    await this.#unlisten();
    this.#isOver = true; // what comes later is in no account
    if (why === 'closed') this.#recorder.open();
    this.#recorder.flush();
    const count = this.#count();
    await this.#recorder.end(() => count);
    this.#subscription.unsubscribe();
    this.#names[Symbol.dispose]();
    const failure = error ?? this.#failure;
    this.#account = {
      ...this.#count(),
      ...this.#size(),
      why: failure === undefined ? why : 'failed',
      ...(failure === undefined ? {} : { error: failure }),
    };
    this.#notices.complete();
    this.#resolveEnded(this.#account);
  }

  // The agent of a process that is stopped does not answer; what has arrived is known.
  async #unlisten(): Promise<void> {
    const ends = Promise.all(this.#listenings.map((listening) => listening.unlisten()));
    const over = new AbortController();
    const late = delay(answerMs, 'late' as const, { signal: over.signal }).catch(() => undefined);
    if ((await Promise.race([ends, late])) === 'late')
      this.#notices.next({ kind: 'silent', message: 'an agent does not answer: the account is that of the events which have arrived' }); // prettier-ignore
    over.abort();
  }
}

// What ends before it has answered refuses nothing.
function isLost({ code }: ExtensionEventError): boolean {
  return code === 'EE_CONNECTION_LOST';
}

function isRefused({ error, state }: SessionPart): boolean {
  return state === 'refused' && error !== undefined && !isLost(error);
}

function addUp(a: Summary, b: Summary): Summary {
  return {
    matched: a.matched + b.matched,
    delivered: a.delivered + b.delivered,
    lost: a.lost + b.lost,
    throttled: a.throttled + b.throttled,
  };
}
