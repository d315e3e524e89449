import { ExtensionEventError } from '@extension-events/core';
import type {
  Account,
  ArmFrame,
  CatchOptions,
  ListenFrame,
  WireError,
} from '@extension-events/protocol';
import {
  type Consumer,
  ListenBook,
  Refusals,
  type RoutedListen,
} from '@extension-events/protocol/server';
import type { TapSpec } from './tap-spec.ts';
import type { ThreadTable } from './thread-table.ts';
import type { TracedThread } from './traced-thread.ts';
import { within } from './within.ts';

/** One listen of one consumer. */
export interface Listen extends RoutedListen {
  readonly spec: TapSpec;
  readonly catch: CatchOptions | undefined;
  readonly accepts: (thread: TracedThread) => boolean;
  readonly refusals: Refusals;
}

/** The listens of the process: which are in force, where, and their accounts. */
export class Listens {
  readonly #threads: ThreadTable;
  readonly book: ListenBook<Listen> = new ListenBook();

  constructor(threads: ThreadTable) {
    this.#threads = threads;
  }

  get specs(): TapSpec[] {
    return this.book.all.map((listen) => listen.spec);
  }

  get hasCatches(): boolean {
    return this.book.all.some((listen) => listen.catch !== undefined);
  }

  /**
   * Puts a listen in force on every thread that it is for.
   *
   * @throws ExtensionEventError `EE_LISTEN_SLOTS`; what a thread said against it, when its pattern is
   *   a name or when all that it matches was refused
   */
  async open(
    consumer: Consumer,
    frame: ListenFrame,
  ): Promise<{ listen: Listen; threads: number[]; pending: number[] }> {
    const listen = this.#create(consumer, frame);
    try {
      const states = await Promise.all(
        this.#threads.reachable.map((thread) => this.#apply(listen, thread)),
      );
      await this.#leaveToWorkers();
      const isHopeless = !states.some(({ mayServe }) => mayServe);
      const refusal = isHopeless ? listen.refusals.ofAll(listen.spec.pattern) : undefined;
      if (refusal !== undefined) throw refusal;
      listen.refusals.release();
      const keysOf = (state: Application['state']): number[] =>
        states.filter((s) => s.state === state).map((s) => s.thread.key);
      return { listen, threads: keysOf('applied'), pending: keysOf('pending') };
    } catch (error) {
      await this.close(listen);
      throw error;
    }
  }

  #create(consumer: Consumer, frame: ListenFrame): Listen {
    const { pattern = '', where, request, stack, eventsPerSecond, thread } = frame;
    const slot = frame.catch === undefined ? this.book.freeSlot() : undefined;
    const budget =
      eventsPerSecond === undefined ? consumer.budget : { ...consumer.budget, eventsPerSecond };
    const subject = this.#threads.findSubject(thread);
    const id = this.book.takeId();
    const spec: TapSpec = {
      id,
      pattern,
      mode: frame.catch === undefined ? 'record' : 'stop',
      // A limit of its own is a budget of its own.
      consumer: eventsPerSecond === undefined ? consumer.number : -id,
      ...(slot === undefined ? {} : { slot }),
      ...(where === undefined ? {} : { where }),
      ...(request === undefined ? {} : { request, grants: consumer.grants }),
      ...(subject === undefined ? {} : { subject: subject.subject }),
      ...(stack === undefined ? {} : { stack }),
      ...(budget === undefined ? {} : { budget }),
      ...frame.catch,
    };
    // The agent's own thread posts about others: there the subject, not the poster, is chosen.
    const accepts = (other: TracedThread): boolean =>
      subject === undefined || other === subject || other.isAgent;
    const listen: Listen = {
      spec,
      consumer,
      number: frame.listen ?? 0,
      catch: frame.catch,
      accepts,
      refusals: new Refusals((event, error) =>
        this.#tell(listen, { event, armId: 0, state: 'failed', error }),
      ),
    };
    this.book.add(listen);
    return listen;
  }

  /** Puts it in force on one thread, or says that the thread has not answered yet. */
  async #apply(listen: Listen, thread: TracedThread): Promise<Application> {
    if (!listen.accepts(thread) || thread.link === undefined)
      return { thread, state: 'not-for-it', mayServe: false };
    const answering = thread.link.tap(listen.spec);
    const answer = await within(answering);
    if (answer === undefined) {
      answering.then(() => thread.listens.add(listen.spec.id)).catch(() => undefined);
      return { thread, state: 'pending', mayServe: true };
    }
    const { failures, isServed } = answer;
    const refusal = failures.find((failure) => failure.name === listen.spec.pattern);
    if (refusal !== undefined)
      throw new ExtensionEventError(refusal.error.code, refusal.error.message, refusal.error.hint);
    for (const { error, name } of failures) listen.refusals.add(name, error);
    thread.listens.add(listen.spec.id);
    return { thread, state: 'applied', mayServe: isServed };
  }

  /** A thread says, by itself, that an event type cannot serve a listen. */
  refused(id: number, event: string, error: WireError): void {
    this.book.get(id)?.refusals.add(event, error);
  }

  /** A thread says that the source of an event type is armed for a listen. */
  armed(id: number, event: string, armId: number): void {
    const listen = this.book.get(id);
    if (listen === undefined) return;
    listen.refusals.forget(event);
    this.#tell(listen, { event, armId, state: 'armed' });
  }

  #tell({ consumer, number }: Listen, rest: Omit<ArmFrame, 'kind' | 'listen'>): void {
    consumer.send({ kind: 'arm', listen: number, ...rest });
  }

  /** Ends a listen everywhere; its accounts, exact once its last records have been pumped. */
  async close(listen: Listen): Promise<Account[]> {
    const { id } = listen.spec;
    this.book.end(listen);
    const threads = this.#threads.all;
    const inForce = threads.filter((thread) => thread.link !== undefined);
    await Promise.all(inForce.map((thread) => within(thread.link?.untap(id) ?? Promise.resolve())));
    await this.#leaveToWorkers();
    for (const thread of threads) this.#threads.drain(thread);
    this.book.tellRest(listen, threads);
    const accounts = this.book.accounts(
      listen,
      threads.filter((thread) => listen.accepts(thread)),
    );
    this.book.free(listen);
    this.#threads.forget(id);
    return accounts;
  }

  #leaveToWorkers(): Promise<unknown> {
    const specs = this.specs;
    return Promise.all(this.#threads.reachable.map((thread) => within(thread.link?.inherit(specs) ?? Promise.resolve()))); // prettier-ignore
  }
}

interface Application {
  readonly thread: TracedThread;
  readonly state: 'applied' | 'pending' | 'not-for-it';
  /** Does it serve the listen, or is that not known yet? */
  readonly mayServe: boolean;
}
