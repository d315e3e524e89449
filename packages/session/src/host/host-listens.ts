import { Budget, type EventTypeDescriptor, ExtensionEventError, isExactPattern, type Registry, type RequestValues, type StoppingEvent, type Tap, type TapOptions } from '@extension-events/core'; // prettier-ignore
import type { Account, ArmFrame, ListenFrame } from '@extension-events/protocol';
import { type Consumer, type Fault, ListenBook, type RecordedThread, Refusals, type RoutedListen, wireError } from '@extension-events/protocol/server'; // prettier-ignore
import { compilePredicate } from '@extension-events/script/expression';
import { isCaused } from './cause-plan.ts';
import { CauseTaps } from './cause-taps.ts';
import type { KernelFilters } from './kernel-filters.ts';
import { Outcome } from './listen-outcome.ts';
import { conjunctsOf, pushDown } from './push-down.ts';

// Whoever asks for frames of an event that can bring its own stack gets it without asking twice.
function withStack(
  { request: parameters }: EventTypeDescriptor,
  frames: number | undefined,
  request: RequestValues | undefined,
): RequestValues | undefined {
  const isMissing = frames !== undefined && frames > 0 && request?.['stack'] === undefined;
  return isMissing && parameters?.['stack']?.type === 'bool'
    ? { ...request, stack: true }
    : request;
}

/** One listen of one consumer on this host. */
export interface HostListen extends RoutedListen {
  readonly isCatch: boolean;
  /** The one thread that it is for. */
  readonly tid: number | undefined;
  readonly refusals: Refusals;
  tap: Tap | undefined;
  /** Of a catch: what it listens to in place of types that follow from something else. */
  causes: CauseTaps | undefined;
}

/** Listens that a stop is for, and the event that each of them caught. */
export interface CaughtListens {
  readonly event: StoppingEvent;
  readonly listens: readonly HostListen[];
}

/** What the listens need of their host. */
export interface ListensHost {
  readonly registry: Registry;
  /** The thread that posts, and its ring. */
  readonly poster: RecordedThread;
  readonly fault: Fault;
  readonly filters: KernelFilters;
  isConnected(consumer: Consumer): boolean;
  /** Has the named type registered by whoever provides names of its scheme. */
  provide(name: string): Promise<void>;
  findTid(thread: string | undefined): number | undefined;
  /** Posts what waits in the kernel's rings, and carries all records to the consumers. */
  drain(): void;
  pump(): void;
}

/** The listens of one host: their taps on its registry, and their accounts. */
export class HostListens {
  readonly book: ListenBook<HostListen> = new ListenBook();
  readonly #host: ListensHost;
  /** Consumers with one limit over all their listens. */
  readonly #budgets: WeakMap<Consumer, Budget> = new WeakMap();

  constructor(host: ListensHost) {
    this.#host = host;
  }

  /**
   * Puts a listen in force: its source, when it has one, is armed then.
   *
   * @throws ExtensionEventError `EE_LISTEN_SLOTS`, `EE_THREAD_UNKNOWN`; what the producer or the source says against it
   */
  async open(
    consumer: Consumer,
    frame: ListenFrame,
  ): Promise<{ listen: HostListen; isPending: boolean }> {
    // prettier-ignore
    const { pattern = '' } = frame;
    const { registry, filters } = this.#host;
    const tid = this.#host.findTid(frame.thread);
    if (isExactPattern(pattern)) await this.#host.provide(pattern);
    const descriptor = registry.tryGetEventType(pattern)?.descriptor;
    const write = await filters.writerFor(pattern);
    if (!this.#host.isConnected(consumer)) throw left();
    const request =
      descriptor === undefined
        ? frame.request
        : withStack(descriptor, frame.stack, pushDown(descriptor, frame.where, frame.request, write)); // prettier-ignore
    const listen = this.#create(consumer, frame, tid);
    const outcome = new Outcome(pattern);
    try {
      const options = this.#tapOptions(listen, frame, request, outcome);
      listen.tap = registry.tap(options);
      if (listen.isCatch) listen.causes = this.#followCauses(listen, frame, options);
      const causes = await listen.causes?.settled();
      const state = await outcome.settled(listen.tap);
      if (!this.#host.isConnected(consumer)) throw left();
      const isHopeless = !isExactPattern(pattern) && !registry.isServed(listen.tap);
      const refusal = isHopeless ? listen.refusals.ofAll(pattern) : undefined;
      if (refusal !== undefined) throw refusal;
      listen.refusals.release();
      return { listen, isPending: state === 'pending' || causes === 'pending' };
    } catch (error) {
      this.close(listen);
      throw error;
    }
  }

  #create(consumer: Consumer, frame: ListenFrame, tid: number | undefined): HostListen {
    const isCatch = frame.catch !== undefined;
    const slot = isCatch ? undefined : this.book.freeSlot();
    const listen: HostListen = {
      spec: { id: this.book.takeId(), ...(slot === undefined ? {} : { slot }) },
      consumer,
      number: frame.listen ?? 0,
      isCatch,
      tid,
      refusals: new Refusals((event, error) => this.#tell(listen, { event, armId: 0, state: 'failed', error })), // prettier-ignore
      tap: undefined,
      causes: undefined,
    };
    this.book.add(listen);
    return listen;
  }

  // The stack of whoever posts here is nobody's business: events bring their own.
  #tapOptions(
    listen: HostListen,
    frame: ListenFrame,
    request: RequestValues | undefined,
    outcome: Outcome,
  ): TapOptions {
    // prettier-ignore
    const { pattern = '', where } = frame;
    const { spec, tid } = listen;
    const budget = this.#budgetOf(listen.consumer, frame.eventsPerSecond);
    return {
      mode: listen.isCatch ? 'stop' : 'record',
      pattern,
      catchId: spec.id,
      ...(spec.slot === undefined ? {} : { slot: spec.slot }),
      ...(tid === undefined ? {} : { subject: { tid, threadId: -1 } }),
      ...(request === undefined ? {} : { request }),
      ...(budget === undefined ? {} : { budget }),
      ...frame.catch,
      ...(where === undefined
        ? {}
        : {
            where: (descriptor) => compilePredicate(where, descriptor),
            narrow: (descriptor, fields) => conjunctsOf(where, descriptor, fields),
          }),
      ...(listen.isCatch && { where: exceptCaused(where) }),
      onArmed: (event, armId) => {
        this.#armed(listen, event, armId);
        outcome.armed();
      },
      onFailure: (event, error) => {
        if (!outcome.failed(event, error)) this.#refused(listen, event, error);
      },
    };
  }

  #followCauses(listen: HostListen, frame: ListenFrame, options: TapOptions): CauseTaps {
    const { registry, filters } = this.#host;
    return new CauseTaps(
      { registry, filters, provide: (name) => this.#host.provide(name), takeId: () => this.book.takeId() }, // prettier-ignore
      {
        options,
        where: frame.where,
        failed: (event, error) => this.#refused(listen, event, error),
        armed: (event, armId) => this.#armed(listen, event, armId),
      },
    );
  }

  /** Types have come or gone: catches follow what they follow from. */
  typesChanged(): void {
    for (const { causes } of this.book.all) causes?.update();
  }

  #refused(listen: HostListen, event: string, error: unknown): void {
    listen.refusals.add(event, wireError(error, this.#host.fault));
  }

  #armed(listen: HostListen, event: string, armId: number): void {
    listen.refusals.forget(event);
    this.#tell(listen, { event, armId, state: 'armed' });
  }

  #tell({ consumer, number }: HostListen, rest: Omit<ArmFrame, 'kind' | 'listen'>): void {
    consumer.send({ kind: 'arm', listen: number, ...rest });
  }

  #budgetOf(consumer: Consumer, eventsPerSecond: number | undefined): Budget | undefined {
    const limits = consumer.budget;
    if (eventsPerSecond !== undefined) return new Budget({ ...limits, eventsPerSecond });
    if (limits === undefined) return undefined;
    const budget = this.#budgets.get(consumer) ?? new Budget(limits);
    this.#budgets.set(consumer, budget);
    return budget;
  }

  /**
   * The listens behind the numbers that catchpoints' taps carry, with what each has caught: those
   * that follow from something else first, since they say more.
   */
  caughtBy(catchIds: readonly number[], event: StoppingEvent): CaughtListens[] {
    const following = this.book.all.flatMap((listen) => {
      const followed = listen.causes?.follow(catchIds, event);
      return followed === undefined ? [] : { event: followed, listens: [listen] };
    });
    const listens = catchIds.flatMap((id) => this.book.get(id) ?? []);
    return listens.length === 0 ? following : [...following, { event, listens }];
  }

  /** Ends listens whose taps have ended by themselves: temporary catchpoints after their stop. */
  closeSpent(): void {
    for (const listen of this.book.all)
      if (listen.tap?.isLive === false || listen.causes?.isSpent === true) this.close(listen);
  }

  /** Ends a listen; its accounts are exact: its last records have been pumped. */
  close(listen: HostListen): Account[] {
    const { registry, poster } = this.#host;
    this.#host.drain();
    this.book.end(listen);
    if (listen.tap !== undefined) registry.untap(listen.tap);
    listen.causes?.[Symbol.dispose]();
    this.#host.pump();
    this.book.tellRest(listen, [poster]);
    const accounts = this.book.accounts(listen, [poster]);
    this.book.free(listen);
    poster.forget(listen.spec.id);
    return accounts;
  }
}

// What is posted beside its thread comes too late to stop it: what it follows from is caught instead.
function exceptCaused(where: string | undefined): NonNullable<TapOptions['where']> {
  return (descriptor) => {
    if (isCaused(descriptor)) return () => false;
    return where === undefined ? () => true : compilePredicate(where, descriptor);
  };
}

function left(): ExtensionEventError {
  return new ExtensionEventError('EE_CONNECTION_LOST', 'The consumer has left while its listen was prepared.', 'Nothing stays in force.'); // prettier-ignore
}
