import { monotonicNs } from './clock.ts';
import type { PayloadCodec } from './codec.ts';
import { captureStack } from './stack.ts';
import type { PredicateContext, Tap } from './tap.ts';
import type { AnyPayload, EventTypeDescriptor, Subject } from './types.ts';

type Poster = (...args: never[]) => unknown;

/** A post about another thread or another time than the poster's here and now. */
export interface Occurrence {
  readonly subject: Subject;
  readonly timestampNs: number | undefined;
  readonly armId: number;
  /** The function that the source called. */
  readonly poster: Poster;
}

interface MomentType {
  readonly descriptor: EventTypeDescriptor;
  readonly codec: PayloadCodec;
}

/**
 * One event on its way through the taps: what predicates see of it, and what is made at most once
 * for all listeners, and only if one asks: the time and the stack.
 */
export class Moment implements PredicateContext {
  readonly pid: number = process.pid;
  readonly tid: number;
  readonly threadId: number;
  readonly threadName: string;
  readonly #subject: Subject;
  readonly #poster: Poster;
  #type: MomentType | undefined;
  #occurrence: Occurrence | undefined;
  #nowNs = -1;
  #stack: string | undefined;
  #stackDepth = 0;

  /** @param poster - stacks begin below this function, or the occurrence's */
  constructor(subject: Subject, threadName: string, poster: Poster) {
    this.tid = subject.tid;
    this.threadId = subject.threadId;
    this.threadName = threadName;
    this.#subject = subject;
    this.#poster = poster;
  }

  // The payload is not kept here: a young object in an old one costs more than the rest of this.
  begin(type: MomentType, occurrence: Occurrence | undefined): void {
    this.#type = type;
    this.#occurrence = occurrence;
    this.#nowNs = -1;
    this.#stack = undefined;
  }

  get eventName(): string {
    return this.#type?.descriptor.name ?? '';
  }

  // Many local listeners need no time, and a clock read costs more than all the rest.
  get nowNs(): number {
    if (this.#nowNs < 0) this.#nowNs = monotonicNs();
    return this.#nowNs;
  }

  get timestampNs(): number {
    return this.#occurrence?.timestampNs ?? this.nowNs;
  }

  /**
   * The event as a listener by pattern gets it.
   *
   * @param payload - a copy of its own
   */
  describe(tap: Tap, payload: AnyPayload): object {
    const { stack: depth } = tap.options;
    const event = {
      name: this.eventName,
      payload,
      timestampNs: this.timestampNs,
      subject: this.#occurrence?.subject ?? this.#subject,
      seq: tap.matched,
    };
    if (depth === undefined) return event;
    return { ...event, stack: this.takeStack(tap).split('\n', depth).join('\n') };
  }

  /** The poster's stack, at least as deep as this tap wants it; empty when it has had its share of this second. */
  takeStack(tap: Tap): string {
    const { stack: depth = 0 } = tap.options;
    if (this.#stack !== undefined && this.#stackDepth >= depth) return this.#stack;
    if (!tap.takeStackTurn(this.nowNs)) return '';
    this.#stackDepth = depth;
    this.#stack = captureStack(depth, this.#occurrence?.poster ?? this.#poster);
    return this.#stack;
  }
}
