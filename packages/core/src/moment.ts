import { monotonicNs } from './clock.ts';
import type { PayloadCodec } from './codec.ts';
import { captureStack } from './stack.ts';
import type { PredicateContext, Tap } from './tap.ts';
import type { AnyPayload, EventTypeDescriptor, Subject } from './types.ts';

/** A post about another thread or another time than the poster's here and now. */
export interface Occurrence {
  readonly subject: Subject;
  readonly timestampNs: number | undefined;
  readonly armId: number;
}

interface MomentType {
  readonly descriptor: EventTypeDescriptor;
  readonly codec: PayloadCodec;
}

/**
 * One event on its way through the taps: what predicates see of it, and what is made at most once
 * for all listeners, and only if one asks: the time, a copy of the payload, the stack.
 */
export class Moment implements PredicateContext {
  readonly pid: number = process.pid;
  readonly tid: number;
  readonly threadId: number;
  readonly threadName: string;
  readonly #subject: Subject;
  readonly #poster: (...args: never[]) => unknown;
  #type: MomentType | undefined;
  #payload: AnyPayload | undefined;
  #occurrence: Occurrence | undefined;
  #nowNs = -1;
  #copy: AnyPayload | undefined;
  #stack: string | undefined;

  /** @param poster - stacks begin below this function */
  constructor(subject: Subject, threadName: string, poster: (...args: never[]) => unknown) {
    this.tid = subject.tid;
    this.threadId = subject.threadId;
    this.threadName = threadName;
    this.#subject = subject;
    this.#poster = poster;
  }

  begin(type: MomentType, payload: AnyPayload, occurrence: Occurrence | undefined): void {
    this.#type = type;
    this.#payload = payload;
    this.#occurrence = occurrence;
    this.#nowNs = -1;
    this.#copy = undefined;
    this.#stack = undefined;
  }

  /** Lets go of the payload. */
  end(): void {
    this.#payload = undefined;
    this.#copy = undefined;
  }

  get eventName(): string {
    return this.#type?.descriptor.name ?? '';
  }

  // Most local listeners need no time, and a clock read costs more than all the rest.
  get timestampNs(): number {
    if (this.#nowNs < 0) this.#nowNs = this.#occurrence?.timestampNs ?? monotonicNs();
    return this.#nowNs;
  }

  get copy(): AnyPayload {
    this.#copy ??= this.#type?.codec.snapshot(this.#payload ?? {}) ?? {};
    return this.#copy;
  }

  /** The event as a listener by pattern gets it. */
  describe(tap: Tap): object {
    const event = {
      name: this.eventName,
      payload: this.copy,
      timestampNs: this.timestampNs,
      subject: this.#occurrence?.subject ?? this.#subject,
      seq: tap.matched,
    };
    return tap.options.stack === undefined ? event : { ...event, stack: this.takeStack(tap) };
  }

  /** The poster's stack; empty when this tap has had its share of this second. */
  takeStack(tap: Tap): string {
    if (this.#stack === undefined) {
      if (!tap.wantsStack(this.timestampNs)) return '';
      this.#stack = captureStack(tap.options.stack ?? 0, this.#poster);
    }
    return this.#stack;
  }
}
