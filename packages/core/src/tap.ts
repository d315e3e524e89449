import type { Budget } from './budget.ts';
import type { AnyPayload, EventTypeDescriptor, RequestValues, Subject } from './types.ts';

/** Where a predicate is evaluated; the object is used again for the next event. */
export interface PredicateContext {
  readonly pid: number;
  readonly tid: number;
  readonly threadId: number;
  readonly threadName: string;
  readonly timestampNs: number;
  readonly eventName: string;
}

export type Predicate = (payload: AnyPayload, context: PredicateContext) => boolean;

/** How a tap wants its events; the flag word is the union of these over all taps of a type. */
export type TapMode = 'probe' | 'local' | 'record' | 'stop';

/** What is asked of {@link Registry.tap}. Listening in code uses `listen`; taps are for agents. */
export interface TapOptions {
  readonly mode: TapMode;
  readonly pattern: string;
  /** Compiles the predicate for an event type; throwing leaves that type out and reports it. */
  readonly where?: (descriptor: EventTypeDescriptor) => Predicate;
  /** Raw parameters for requested types. */
  readonly request?: RequestValues;
  /** Subject of requested types; without it, every thread that the producer serves. */
  readonly subject?: Subject;
  readonly budget?: Budget;
  /** Frames of stack to attach. */
  readonly stack?: number;
  /** `record`, `stop`: slot in the ring's counters and sets. */
  readonly slot?: number;
  /** `stop`: number given to the stop sentinel, matches to let pass first, and whether to stop once. */
  readonly catchId?: number;
  readonly ignore?: number;
  readonly temporary?: boolean;
  /** `probe`: runs in the post. `local`: runs at the safe point. */
  readonly run?: (event: never) => void;
  /** Local taps: bare payloads instead of {@link PostedEvent}s. */
  readonly bare?: boolean;
  /** A type matched but cannot be served: a refused arming, a predicate that does not fit. */
  readonly onFailure?: (name: string, error: unknown) => void;
  readonly onArmed?: (name: string, armId: number) => void;
}

/** Why events that matched were not delivered, and how many. */
export interface TapAccount {
  readonly matched: number;
  readonly delivered: number;
  readonly lost: number;
  readonly throttled: number;
}

/** One listen on this thread and its account: matched = delivered + lost + throttled. */
export class Tap {
  readonly options: TapOptions;
  readonly matches: (name: string) => boolean;
  /** Order of attaching. */
  readonly order: number;
  isLive = true;
  matched = 0;
  delivered = 0;
  lost = 0;
  throttled = 0;
  ignoreLeft: number;
  stacksLeft = 0;
  stackWindowEndNs = 0;
  readonly #run: ((event: unknown) => void) | undefined;
  readonly #onThrow: (tap: Tap, error: unknown) => void;

  constructor(
    options: TapOptions,
    matches: (name: string) => boolean,
    order: number,
    onThrow: (tap: Tap, error: unknown) => void,
  ) {
    this.options = options;
    this.matches = matches;
    this.order = order;
    this.ignoreLeft = options.ignore ?? 0;
    this.#run = options.run as ((event: unknown) => void) | undefined;
    this.#onThrow = onThrow;
  }

  /** Hands one event to the callback; a callback that throws ends its own tap and nothing else. */
  deliver(event: unknown): void {
    if (!this.isLive) {
      this.lost++; // unlistened while the event waited
      return;
    }
    this.delivered++;
    try {
      this.#run?.(event);
    } catch (error) {
      this.#onThrow(this, error);
    }
  }

  get account(): TapAccount {
    const { matched, delivered, lost, throttled } = this;
    return { matched, delivered, lost, throttled };
  }

  // At most so many stacks a second; the rest go without.
  wantsStack(nowNs: number): boolean {
    if (nowNs >= this.stackWindowEndNs) {
      this.stackWindowEndNs = nowNs + 1e9;
      this.stacksLeft = maxStacksPerSecond;
    }
    return this.stacksLeft-- > 0;
  }
}

/** Stacks captured for one listen in a second. */
export const maxStacksPerSecond = 200;
