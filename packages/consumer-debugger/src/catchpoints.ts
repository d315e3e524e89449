import { ExtensionEventError, type RequestValues } from '@extension-events/core';
import type { Subscription } from 'rxjs';
import type { DebugEngine, EngineBreakpoint, Place } from './engine.ts';
import { type CodedError, debuggerError, isCodedError } from './errors.ts';
import type { ArmFrame, Connection, Listening, StopCause } from './internal-types.ts';
import type { CatchFailures } from './catch-failures.ts';
import { plural } from './format-quantity.ts';

interface Entry {
  readonly number: number;
  readonly isTemporary: boolean;
  isEnabled: boolean;
  condition: string | undefined;
  /** Hits that will still be let pass. */
  ignore: number;
  /** How often it has stopped a thread; hits of a breakpoint that were let pass count too. */
  hits: number;
  /** Command lines that run after each of its stops. */
  commands: readonly string[];
}

/** Stops on events whose names match a pattern. */
export interface Catchpoint extends Entry {
  readonly kind: 'catchpoint';
  readonly pattern: string;
  readonly request: RequestValues;
  listening: Listening | undefined;
  /** Keys of the threads where it is in force, as far as they have answered. */
  threads: readonly number[];
  /** Event types that it does not stop for: a source could not be armed, a condition does not fit. */
  readonly failures: Map<string, CodedError>;
}

/** Stops at a place in the code. */
export interface Breakpoint extends Entry {
  readonly kind: 'breakpoint';
  /** The location as it was typed. */
  readonly wanted: string;
  places: readonly Place[];
  ids: readonly string[];
  /** Sets it in the program; kept for enabling it again. */
  readonly insert: (condition: string | undefined) => Promise<readonly EngineBreakpoint[]>;
}

export type Stopper = Catchpoint | Breakpoint;

export interface CatchRequest {
  readonly pattern: string;
  readonly request: RequestValues;
  readonly condition?: string;
  readonly isTemporary: boolean;
}

export interface BreakRequest {
  readonly wanted: string;
  readonly condition?: string;
  readonly isTemporary: boolean;
  readonly insert: Breakpoint['insert'];
}

/** The one numbered table of catchpoints and breakpoints. */
export class Catchpoints {
  readonly #connection: Connection;
  readonly #engine: DebugEngine;
  readonly #entries = new Map<number, Stopper>();
  /** Every listen that was ever ours: a stop of one that is gone is still ours to release. */
  readonly #listens = new Map<number, number>();
  readonly #breakpoints = new Map<string, number>();
  readonly #insertions = new Set<Promise<void>>();
  readonly #arms: Subscription;
  readonly #onFailures: (catchpoint: Catchpoint, failures: CatchFailures) => void;
  /** Their failures are told when it is known that they are in force. */
  readonly #opening = new Set<Catchpoint>();
  #last = 0;

  constructor(
    connection: Connection,
    engine: DebugEngine,
    onFailures: (catchpoint: Catchpoint, failures: CatchFailures) => void,
  ) {
    this.#connection = connection;
    this.#engine = engine;
    this.#onFailures = onFailures;
    this.#arms = connection.arms$.subscribe((frame) => this.#noteArm(frame));
  }

  get all(): readonly Stopper[] {
    return [...this.#entries.values()];
  }

  /** @throws ExtensionEventError `EE_CATCHPOINT_UNKNOWN` */
  get(number: number): Stopper {
    const entry = this.#entries.get(number);
    if (entry !== undefined) return entry;
    const numbers = [...this.#entries.keys()];
    throw debuggerError(
      'EE_CATCHPOINT_UNKNOWN',
      `There is no catchpoint or breakpoint ${number}.`,
      numbers.length === 0
        ? 'There is none yet: catch and break make them.'
        : `There ${numbers.length === 1 ? 'is' : 'are'}: ${numbers.join(', ')}. info catchpoints shows them.`,
    );
  }

  async addCatchpoint(request: CatchRequest): Promise<Catchpoint> {
    const entry: Catchpoint = {
      kind: 'catchpoint',
      number: this.#last + 1,
      pattern: request.pattern,
      request: request.request,
      isTemporary: request.isTemporary,
      isEnabled: true,
      condition: request.condition,
      ignore: 0,
      hits: 0,
      commands: [],
      listening: undefined,
      threads: [],
      failures: new Map(),
    };
    return this.#add(entry, () => this.#open(entry));
  }

  async addBreakpoint(request: BreakRequest): Promise<Breakpoint> {
    const entry: Breakpoint = {
      kind: 'breakpoint',
      number: this.#last + 1,
      wanted: request.wanted,
      isTemporary: request.isTemporary,
      isEnabled: true,
      condition: request.condition,
      ignore: 0,
      hits: 0,
      commands: [],
      places: [],
      ids: [],
      insert: request.insert,
    };
    return this.#add(entry, () => this.#insert(entry));
  }

  /** A refused one takes no number, but a stop may come before the answer does. */
  async #add<E extends Stopper>(entry: E, putInForce: () => Promise<void>): Promise<E> {
    this.#entries.set(entry.number, entry);
    try {
      await putInForce();
    } catch (error) {
      this.#entries.delete(entry.number);
      throw error;
    }
    this.#last = entry.number;
    return entry;
  }

  /** A refused condition leaves the old one in force. */
  async setCondition(entry: Stopper, condition: string | undefined): Promise<void> {
    const old = entry.condition;
    entry.condition = condition;
    try {
      await this.#renew(entry);
    } catch (error) {
      entry.condition = old;
      if (entry.kind === 'breakpoint' && entry.isEnabled) await this.#insert(entry);
      throw error;
    }
  }

  async setIgnore(entry: Stopper, count: number): Promise<void> {
    const old = entry.ignore;
    entry.ignore = count;
    // A breakpoint's hits are counted here, an event's where it is posted.
    if (entry.kind === 'breakpoint') return;
    try {
      await this.#renew(entry);
    } catch (error) {
      entry.ignore = old;
      throw error;
    }
  }

  async enable(entry: Stopper): Promise<void> {
    if (entry.isEnabled) return;
    entry.isEnabled = true;
    try {
      await (entry.kind === 'catchpoint' ? this.#open(entry) : this.#insert(entry));
    } catch (error) {
      entry.isEnabled = false;
      throw error;
    }
  }

  async disable(entry: Stopper): Promise<void> {
    if (!entry.isEnabled) return;
    entry.isEnabled = false;
    await this.#withdraw(entry);
  }

  async delete(entry: Stopper): Promise<void> {
    this.#entries.delete(entry.number);
    if (entry.isEnabled) await this.#withdraw(entry);
  }

  /** Which entries a stop belongs to; `isOurs` is false for a stop of another debugger. */
  match(cause: StopCause): { readonly entries: readonly Stopper[]; readonly isOurs: boolean } {
    if (!hasOwner(cause)) return { entries: [], isOurs: true };
    const numbers =
      cause.type === 'event'
        ? cause.listens.map((listen) => this.#listens.get(listen))
        : cause.breakpoints.map((id) => this.#breakpoints.get(id));
    const ours = new Set(numbers.filter((number) => number !== undefined));
    const entries = [...ours]
      .toSorted((a, b) => a - b)
      .flatMap((number) => this.#entries.get(number) ?? []);
    return { entries: entries.filter((entry) => entry.isEnabled), isOurs: ours.size > 0 };
  }

  /** Counts a stop; true when an ignore count lets it pass. */
  countHit(entry: Stopper): boolean {
    entry.hits++;
    if (entry.kind === 'catchpoint') {
      entry.ignore = 0;
      return false;
    }
    if (entry.ignore === 0) return false;
    entry.ignore--;
    return true;
  }

  async close(): Promise<void> {
    this.#arms.unsubscribe();
    await Promise.allSettled(this.all.map((entry) => this.delete(entry)));
  }

  /** Opens the new listen before the old one ends, so that no event falls between them. */
  async #renew(entry: Stopper): Promise<void> {
    if (!entry.isEnabled) return;
    if (entry.kind === 'catchpoint') {
      const old = entry.listening;
      await this.#open(entry);
      await old?.unlisten().catch(ignoreGone);
      return;
    }
    // V8 takes one breakpoint for a place: the old one has to go first.
    await this.#withdraw(entry);
    await this.#insert(entry);
  }

  async #open(entry: Catchpoint): Promise<void> {
    const listening = this.#connection.open({
      pattern: entry.pattern,
      ...(entry.condition === undefined ? {} : { where: entry.condition }),
      ...(Object.keys(entry.request).length === 0 ? {} : { request: entry.request }),
      catch: {
        ...(entry.ignore === 0 ? {} : { ignore: entry.ignore }),
        ...(entry.isTemporary ? { temporary: true } : {}),
      },
    });
    this.#listens.set(listening.id, entry.number);
    // From here on the source may fail to be armed, also before the answer comes.
    entry.failures.clear();
    this.#opening.add(entry);
    try {
      entry.threads = (await listening.ready).threads;
    } catch (error) {
      this.#listens.delete(listening.id);
      throw error;
    } finally {
      this.#opening.delete(entry);
    }
    entry.listening = listening;
    if (entry.failures.size > 0) this.#onFailures(entry, entry.failures);
  }

  /** Settles when the ids of what is being inserted are known; `undefined` when nothing is. */
  get insertions(): Promise<unknown> | undefined {
    return this.#insertions.size === 0 ? undefined : Promise.allSettled(this.#insertions);
  }

  async #insert(entry: Breakpoint): Promise<void> {
    // Known to be under way before anything of it happens.
    const insertion = Promise.resolve().then(() => this.#learnIds(entry));
    this.#insertions.add(insertion);
    try {
      await insertion;
    } finally {
      this.#insertions.delete(insertion);
    }
  }

  async #learnIds(entry: Breakpoint): Promise<void> {
    const inserted = await entry.insert(entry.condition);
    entry.ids = inserted.flatMap((breakpoint) => breakpoint.ids);
    entry.places = inserted.flatMap((breakpoint) => breakpoint.places);
    for (const id of entry.ids) this.#breakpoints.set(id, entry.number);
  }

  async #withdraw(entry: Stopper): Promise<void> {
    if (entry.kind === 'catchpoint') {
      const { listening } = entry;
      entry.listening = undefined;
      await listening?.unlisten().catch(ignoreGone);
      return;
    }
    const { ids } = entry;
    entry.ids = [];
    await Promise.all(ids.map((id) => this.#engine.removeBreakpoint(id)));
  }

  #noteArm(frame: ArmFrame): void {
    const { event } = frame;
    const entry = this.#entries.get(this.#listens.get(frame.listen) ?? 0);
    if (entry?.kind !== 'catchpoint') return;
    if (frame.state !== 'failed') {
      entry.failures.delete(event);
      return;
    }
    const { code, message, hint } = frame.error ?? unknownFailure;
    const failure = new ExtensionEventError(code, message, hint);
    entry.failures.set(event, failure);
    if (!this.#opening.has(entry)) this.#onFailures(entry, new Map([[event, failure]]));
  }
}

/** A temporary catchpoint that has stopped is gone already. */
function ignoreGone(error: unknown): void {
  if (!isCodedError(error) || error.code !== 'EE_LISTEN_UNKNOWN') throw error;
}

/** Is this a stop that a catchpoint or breakpoint asked for? A run to a place names none. */
export function hasOwner(
  cause: StopCause,
): cause is Extract<StopCause, { type: 'event' | 'breakpoint' }> {
  return cause.type === 'event' || (cause.type === 'breakpoint' && cause.breakpoints.length > 0);
}

const unknownFailure: CodedError = {
  code: 'EE_ARM_FAILED',
  message: 'The source of the event could not be armed.',
  hint: '',
};

/** `Catchpoint 1 (hot-spot share=0.03)`; what the table and the answers call an entry. */
export function titleOf(entry: Stopper): string {
  const word = entry.kind === 'catchpoint' ? 'catchpoint' : 'breakpoint';
  const title = entry.isTemporary ? `temporary ${word}` : word;
  return `${title.charAt(0).toUpperCase()}${title.slice(1)} ${entry.number}`;
}

/** `Will let the next 3 hits of catchpoint 1 pass.` */
export function describeIgnore(entry: Stopper): string {
  const what = `${entry.kind} ${entry.number}`;
  return entry.ignore === 0
    ? `Will stop at the next hit of ${what}.`
    : `Will let the next ${plural(entry.ignore, 'hit')} of ${what} pass.`;
}
