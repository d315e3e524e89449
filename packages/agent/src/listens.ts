import { ExtensionEventError } from '@extension-events/core';
import { listenSlots } from '@extension-events/core/ring';
import type { Account, CatchOptions, ListenFrame } from '@extension-events/protocol';
import type { Consumer } from './consumer.ts';
import type { TapSpec } from './tap-spec.ts';
import type { ThreadTable } from './thread-table.ts';
import type { TracedThread } from './traced-thread.ts';

// A thread inside a blocking native call answers only when that is over; nobody waits for it.
const answerMs = 500;

/** One listen of one consumer. */
export interface Listen {
  readonly spec: TapSpec;
  readonly consumer: Consumer;
  /** The consumer's own number for it. */
  readonly number: number;
  readonly catch: CatchOptions | undefined;
  readonly accepts: (thread: TracedThread) => boolean;
}

/** The listens of the process: which are in force, where, and their accounts. */
export class Listens {
  readonly #threads: ThreadTable;
  readonly #byId: Map<number, Listen> = new Map();
  readonly #bySlot: (Listen | undefined)[] = Array.from({ length: listenSlots });
  #nextId = 1;
  #lastEnded: Listen | undefined;

  constructor(threads: ThreadTable) {
    this.#threads = threads;
  }

  get(id: number): Listen | undefined {
    return this.#byId.get(id);
  }

  atSlot(slot: number): Listen | undefined {
    return this.#bySlot[slot];
  }

  of(consumer: Consumer): Listen[] {
    return [...this.#byId.values()].filter((listen) => listen.consumer === consumer);
  }

  /** A listen that has ended, for a stop that it still caused. */
  recall(id: number): Listen | undefined {
    return this.#lastEnded?.spec.id === id ? this.#lastEnded : undefined;
  }

  find(consumer: Consumer, number: number | undefined): Listen | undefined {
    return this.of(consumer).find((listen) => listen.number === number);
  }

  get specs(): TapSpec[] {
    return [...this.#byId.values()].map((listen) => listen.spec);
  }

  get hasCatches(): boolean {
    return [...this.#byId.values()].some((listen) => listen.catch !== undefined);
  }

  /**
   * Puts a listen in force on every thread that it is for.
   *
   * @throws ExtensionEventError `EE_LISTEN_SLOTS`; what a thread said against it, when its pattern is a name
   */
  async open(
    consumer: Consumer,
    frame: ListenFrame,
  ): Promise<{ listen: Listen; threads: number[]; pending: number[] }> {
    const listen = this.#create(consumer, frame);
    try {
      const states = await Promise.all(
        this.#threads.reachable.map((thread) => this.apply(listen, thread)),
      );
      await this.#leaveToWorkers();
      const keysOf = (state: Application): number[] =>
        states.filter((s) => s.state === state).map((s) => s.thread.key);
      return { listen, threads: keysOf('applied'), pending: keysOf('pending') };
    } catch (error) {
      await this.close(listen);
      throw error;
    }
  }

  #create(consumer: Consumer, frame: ListenFrame): Listen {
    const { pattern = '', where, request, stack, eventsPerSecond, thread } = frame;
    const slot = frame.catch === undefined ? this.#freeSlot() : undefined;
    const budget =
      eventsPerSecond === undefined ? consumer.budget : { ...consumer.budget, eventsPerSecond };
    const subject = this.#threads.findSubject(thread);
    const spec: TapSpec = {
      id: this.#nextId++,
      pattern,
      mode: frame.catch === undefined ? 'record' : 'stop',
      consumer: eventsPerSecond === undefined ? consumer.number : -this.#nextId,
      ...(slot === undefined ? {} : { slot }),
      ...(where === undefined ? {} : { where }),
      ...(request === undefined ? {} : { request }),
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
    };
    this.#byId.set(spec.id, listen);
    if (slot !== undefined) this.#bySlot[slot] = listen;
    return listen;
  }

  #freeSlot(): number {
    const slot = this.#bySlot.indexOf(undefined);
    if (slot >= 0) return slot;
    throw new ExtensionEventError('EE_LISTEN_SLOTS', `This process is listened to ${listenSlots} times already.`, 'End a listen that is not needed, or listen once with a pattern instead of many names.'); // prettier-ignore
  }

  /** Puts it in force on one thread, or says that the thread has not answered yet. */
  async apply(
    listen: Listen,
    thread: TracedThread,
  ): Promise<{ thread: TracedThread; state: Application }> {
    if (!listen.accepts(thread) || thread.link === undefined)
      return { thread, state: 'not-for-it' };
    const answer = thread.link.tap(listen.spec);
    const failures = await within(answer, answerMs);
    if (failures === undefined) {
      answer.then(() => thread.listens.add(listen.spec.id)).catch(() => undefined);
      return { thread, state: 'pending' };
    }
    const refusal = failures.find((failure) => failure.name === listen.spec.pattern);
    if (refusal !== undefined)
      throw new ExtensionEventError(refusal.error.code, refusal.error.message, refusal.error.hint);
    thread.listens.add(listen.spec.id);
    return { thread, state: 'applied' };
  }

  /** Ends a listen everywhere; its accounts, exact once its last records have been pumped. */
  async close(listen: Listen): Promise<Account[]> {
    const { id, slot } = listen.spec;
    this.#byId.delete(id);
    this.#lastEnded = listen;
    const threads = this.#threads.all;
    const inForce = threads.filter((thread) => thread.link !== undefined);
    await Promise.all(
      inForce.map((thread) => within(thread.link?.untap(id) ?? Promise.resolve(), answerMs)),
    );
    await this.#leaveToWorkers();
    if (slot === undefined) return [];
    for (const thread of threads) this.#threads.drain(thread);
    this.#tellRest(listen);
    const accounts = threads
      .filter((thread) => listen.accepts(thread))
      .map((thread) => thread.account(id, slot));
    this.#bySlot[slot] = undefined;
    this.#threads.forget(id);
    return accounts.filter((account) => account.matched > 0 || account.lost > 0);
  }

  /** Tells the losses of a listen for which its rings had no room. */
  #tellRest({ consumer, number, spec: { id, slot } }: Listen): void {
    if (slot === undefined) return;
    for (const thread of this.#threads.all) {
      const rest = thread.untoldLosses(id, slot);
      if (rest > 0) consumer.lose(number, thread.key, 'ring-full', rest);
    }
  }

  #leaveToWorkers(): Promise<unknown> {
    const specs = this.specs;
    return Promise.all(this.#threads.reachable.map((thread) => within(thread.link?.inherit(specs) ?? Promise.resolve(), answerMs))); // prettier-ignore
  }

  /** The final accounts of the listens that are open when the process ends. */
  accountsOf(consumer: Consumer): (Account & { listen: number })[] {
    for (const listen of this.of(consumer)) this.#tellRest(listen);
    return this.of(consumer).flatMap(({ spec: { id, slot }, number }) =>
      slot === undefined
        ? []
        : this.#threads.all
            .map((thread) => ({ ...thread.account(id, slot), listen: number }))
            .filter((account) => account.matched > 0 || account.lost > 0),
    );
  }
}

type Application = 'applied' | 'pending' | 'not-for-it';

/** The value, or `undefined` when it has not come in time. */
async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  try {
    return await Promise.race([promise.catch(ignoreEnded), limit]);
  } finally {
    clearTimeout(timer);
  }
}

// A thread that ended meanwhile has nothing to say.
function ignoreEnded(error: unknown): undefined {
  if ((error as { code?: string }).code === 'EE_V8_CLOSED') return undefined;
  throw error;
}
