import type { Budget } from './budget.ts';
import { flag } from './flags.ts';
import type { AnyPayload, Comparison, EventTypeDescriptor, RequestValues, Subject } from './types.ts'; // prettier-ignore

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

/** Where a probe runs: inside the post, about whatever the event is about. */
export interface ProbeContext extends PredicateContext {
  /** The poster's stack, innermost first, one frame a line; our own frames are left out. */
  captureStack(depth: number): string;
  /** Posts another event about the same thread, inside this one. Never throws. */
  post(type: Postable, payload: AnyPayload): void;
}

/** Code that runs inside the post, and says whether the event was one of its own: those are counted as matched. */
export type Probe = (payload: AnyPayload, context: ProbeContext) => boolean;

/** A handle that {@link ProbeContext.post} takes: any {@link EventType}. */
export interface Postable {
  /** @internal */
  readonly words: Int32Array;
  /** @internal */
  readonly index: number;
  /** @internal */
  readonly state: unknown;
}

/** How a tap wants its events; the flag word is the union of these over all taps of a type. */
export type TapMode = 'probe' | 'local' | 'record' | 'stop';

/** What is asked of {@link Registry.tap}. Listening in code uses `listen`; taps are for agents. */
export interface TapOptions {
  readonly mode: TapMode;
  readonly pattern: string;
  /** Compiles the predicate for an event type; throwing leaves that type out and reports it. */
  readonly where?: (descriptor: EventTypeDescriptor) => Predicate | undefined;
  /**
   * Of a `probe`, in the place of `where` and `run`: compiles its code for an event type. It gets the
   * poster's own payload, not a copy: the fields were as declared a moment ago, and getters may have
   * changed their mind since.
   */
  readonly probe?: (descriptor: EventTypeDescriptor) => Probe;
  /**
   * Comparisons of these fields that must all hold for the predicate to: sources that can leave
   * events out themselves are told of them. The source posts these fields in every event.
   */
  readonly narrow?: (
    descriptor: EventTypeDescriptor,
    fields: readonly string[],
  ) => readonly Comparison[];
  /** Raw parameters for requested types. */
  readonly request?: RequestValues;
  /** Subject of types that have a source; without it, every thread that the producer serves. */
  readonly subject?: Subject;
  readonly budget?: Budget;
  /** Frames of stack to attach. */
  readonly stack?: number;
  /** `record`: slot in the ring's counters and sets. */
  readonly slot?: number;
  /** `stop`: number given to the stop sentinel, matches to let pass first, and whether to stop once. */
  readonly catchId?: number;
  readonly ignore?: number;
  readonly temporary?: boolean;
  /** `probe`: runs in the post. `local`: runs at the safe point. */
  readonly run?: (event: never) => void;
  /** Local taps: bare payloads instead of {@link PostedEvent}s. */
  readonly bare?: boolean;
  /**
   * A type matched but cannot be served: a refused arming, a predicate that does not fit. With the
   * tap's own pattern as name: the tap has ended, since its callback or predicate threw.
   */
  readonly onFailure?: (name: string, error: unknown) => void;
  readonly onArmed?: (name: string, armId: number) => void;
}

/** What became of the events that matched: matched = delivered + lost + throttled. */
export interface TapAccount {
  readonly matched: number;
  /** Handed to the callback, written into the ring, or stopped for. */
  readonly delivered: number;
  readonly lost: number;
  /** Held back by a budget. */
  readonly throttled: number;
  /** Events that asked for a stack and went without, since the second's share was spent. */
  readonly withoutStack: number;
}

/** Stacks captured for one listen in a second. */
export const maxStacksPerSecond = 200;

/** One listen on this thread and its account. */
export class Tap {
  readonly options: TapOptions;
  readonly matches: (name: string) => boolean;
  /** What it sets in the flag words of its types. */
  readonly bit: number;
  /** Slot in the ring, or -1. */
  readonly slot: number;
  readonly isBare: boolean;
  isLive = true;
  /** Names of types whose sources are being armed for it. */
  readonly awaits: Set<string> = new Set();
  matched = 0;
  lost = 0;
  throttled = 0;
  withoutStack = 0;
  ignoreLeft: number;
  #handedOver = 0;
  #stacksLeft = 0;
  #stackWindowEndNs = 0;
  readonly #run: ((event: unknown) => unknown) | undefined;
  readonly #onThrow: (tap: Tap, error: unknown) => void;

  constructor(
    options: TapOptions,
    matches: (name: string) => boolean,
    onThrow: (tap: Tap, error: unknown) => void,
  ) {
    this.options = options;
    this.matches = matches;
    this.bit = flag[options.mode];
    this.slot = options.slot ?? -1;
    this.isBare = options.bare === true;
    this.ignoreLeft = options.ignore ?? 0;
    this.#run = options.run as ((event: unknown) => unknown) | undefined;
    this.#onThrow = onThrow;
  }

  /** Hands one event to the callback; a callback that throws or rejects ends its own tap and nothing else. */
  deliver(event: unknown): void {
    if (!this.isLive) return; // unlistened while the event waited: counted when it ended
    this.#handedOver++;
    try {
      const result = this.#run?.(event);
      if (result instanceof Promise) result.catch((error: unknown) => this.#onThrow(this, error));
    } catch (error) {
      this.#onThrow(this, error);
    }
  }

  /** An event that its probe has dealt with. */
  countHandedOver(): void {
    this.#handedOver++;
  }

  /** What still waits for the safe point will not come any more. */
  end(): void {
    this.isLive = false;
    if (this.bit === flag.local) {
      this.lost = this.matched - this.#handedOver - this.throttled;
    }
  }

  get account(): TapAccount {
    const { matched, lost, throttled, withoutStack } = this;
    const isHandedOver = this.bit === flag.local || this.bit === flag.probe;
    const delivered = isHandedOver ? this.#handedOver : matched - lost - throttled;
    return { matched, delivered, lost, throttled, withoutStack };
  }

  /** May a stack be captured now? Those beyond the second's share are counted. */
  takeStackTurn(nowNs: number): boolean {
    if (nowNs >= this.#stackWindowEndNs) {
      this.#stackWindowEndNs = nowNs + 1e9;
      this.#stacksLeft = maxStacksPerSecond;
    }
    if (this.#stacksLeft-- > 0) return true;
    this.withoutStack++;
    return false;
  }
}
