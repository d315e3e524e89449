import { monotonicNs } from './clock.ts';
import type { PayloadCodec } from './codec.ts';
import { captureStack } from './stack.ts';
import { processEvent, type TypeState } from './process-event.ts';
import type { Postable, ProbeContext, Tap } from './tap.ts';
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

/** The process that a host posts about. */
export interface WatchedProcess {
  readonly pid: number;
  nameOf(tid: number): string;
}

/** Where a moment is: what a registry knows of itself. */
interface Place {
  readonly subject: Subject;
  readonly watched: WatchedProcess | undefined;
}

/** An event that is to stop its subject. */
export interface StoppingEvent {
  readonly name: string;
  readonly payload: AnyPayload;
  /** CLOCK_MONOTONIC. */
  readonly timestampNs: number;
  readonly subject: Subject;
}

interface MomentType {
  readonly descriptor: EventTypeDescriptor;
  readonly codec: PayloadCodec;
}

/**
 * One event on its way through the taps: what predicates see of it, and what is made at most once
 * for all listeners, and only if one asks: the time and the stack.
 */
export class Moment implements ProbeContext {
  readonly #place: Place;
  readonly #threadName: string;
  readonly #poster: Poster;
  #type: MomentType | undefined;
  #occurrence: Occurrence | undefined;
  #nowNs = -1;
  #stack: string | undefined;
  #stackDepth = 0;

  /** @param poster - stacks begin below this function, or the occurrence's */
  constructor(place: Place, threadName: string, poster: Poster) {
    this.#place = place;
    this.#threadName = threadName;
    this.#poster = poster;
  }

  // The payload is not kept here: a young object in an old one costs more than the rest of this.
  begin(type: MomentType, occurrence: Occurrence | undefined, nowNs: number): void {
    this.#type = type;
    this.#occurrence = occurrence;
    this.#nowNs = nowNs;
    this.#stack = undefined;
  }

  get subject(): Subject {
    return this.#occurrence?.subject ?? this.#place.subject;
  }

  get pid(): number {
    return this.#place.watched?.pid ?? process.pid;
  }

  get tid(): number {
    return this.subject.tid;
  }

  get threadId(): number {
    return this.subject.threadId;
  }

  get threadName(): string {
    return this.#place.watched?.nameOf(this.tid) ?? this.#threadName;
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

  tell(payload: AnyPayload): StoppingEvent {
    return { name: this.eventName, payload, timestampNs: this.timestampNs, subject: this.subject };
  }

  /**
   * The event as a listener by pattern gets it.
   *
   * @param payload - a copy of its own
   */
  describe(tap: Tap, payload: AnyPayload): object {
    const { stack: depth } = tap.options;
    const event = { ...this.tell(payload), seq: tap.matched };
    if (depth === undefined) return event;
    return { ...event, stack: this.takeStack(tap).split('\n', depth).join('\n') };
  }

  /** The poster's stack, at least as deep as this tap wants it; empty when it has had its share of this second. */
  takeStack(tap: Tap): string {
    const { stack: depth = 0 } = tap.options;
    if (this.#stack !== undefined && this.#stackDepth >= depth) return this.#stack;
    if (!tap.takeStackTurn(this.nowNs)) return '';
    this.#stackDepth = depth;
    this.#stack = this.captureStack(depth);
    return this.#stack;
  }

  // That of whoever posts about another thread is nobody's business.
  captureStack(depth: number): string {
    if (!isSame(this.subject, this.#place.subject)) return '';
    return captureStack(depth, this.#occurrence?.poster ?? this.#poster);
  }

  // Ends up in the same place as EventType.post, but for whom and when it is about.
  post(type: Postable, payload: AnyPayload): void {
    if (type.words[type.index] === 0) return;
    const occurrence = this.#occurrence && { ...this.#occurrence, armId: 0 };
    processEvent(type.state as TypeState, payload, occurrence, -1);
  }
}

function isSame(a: Subject, b: Subject): boolean {
  return a.tid === b.tid && a.threadId === b.threadId;
}
