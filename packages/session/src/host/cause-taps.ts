import { compilePattern, isExactPattern, type Registry, type StoppingEvent, type Tap, type TapOptions } from '@extension-events/core'; // prettier-ignore
import { type CausedType, CausePlan, isCaused } from './cause-plan.ts';
import type { KernelFilters } from './kernel-filters.ts';
import { Outcome } from './listen-outcome.ts';
import { pushConjuncts } from './push-down.ts';

/** What the taps need of their host. */
export interface CauseHost {
  readonly registry: Registry;
  readonly filters: KernelFilters;
  /** Has the named type registered by whoever provides names of its scheme. */
  provide(name: string): Promise<void>;
  /** A number for a catchpoint's tap, never used again. */
  takeId(): number;
}

/** The catch that they are for. */
export interface CauseCatch {
  /** Of the tap on the pattern itself. */
  readonly options: TapOptions;
  readonly where: string | undefined;
  /** Of types that were registered after the catch. */
  armed(event: string, armId: number): void;
  failed(event: string, error: unknown): void;
}

interface Entry {
  readonly type: CausedType;
  readonly plan: CausePlan;
  readonly catchId: number;
  ready: Promise<'armed' | 'pending'>;
  tap: Tap | undefined;
  isOver: boolean;
}

/**
 * The taps of one catch on what its types follow from: one for each type that is registered, matches
 * and has a cause, for as long as it is registered.
 */
export class CauseTaps implements Disposable {
  readonly #host: CauseHost;
  readonly #catch: CauseCatch;
  readonly #matches: (name: string) => boolean;
  readonly #entries: Map<string, Entry> = new Map();
  /** Is the catch still being answered? A refusal of its very name is the answer then. */
  #isOpening = true;
  #refusal: { readonly error: unknown } | undefined;
  #isOver = false;

  constructor(host: CauseHost, of: CauseCatch) {
    this.#host = host;
    this.#catch = of;
    this.#matches = compilePattern(of.options.pattern);
    this.update();
  }

  /** Follows the types that are registered now. */
  update(): void {
    if (this.#isOver) return;
    const wanted = new Map<string, CausedType>();
    for (const { descriptor } of this.#host.registry.describeTypes())
      if (isCaused(descriptor) && this.#isWanted(descriptor))
        wanted.set(descriptor.name, descriptor);
    for (const [name, entry] of this.#entries) {
      // Another owner may have registered the name meanwhile, with another cause.
      if (wanted.get(name) !== entry.type) this.#drop(name, entry);
    }
    for (const [name, type] of wanted) if (!this.#entries.has(name)) this.#add(name, type);
  }

  // Wildcards do not arm what has a price by itself.
  #isWanted({ name, kind }: CausedType): boolean {
    return this.#matches(name) && (kind === 'filtered' || isExactPattern(this.#catch.options.pattern)); // prettier-ignore
  }

  #add(name: string, type: CausedType): void {
    const { where } = this.#catch;
    try {
      const plan = new CausePlan(type, where);
      const entry: Entry = { type, plan, catchId: this.#host.takeId(), ready: Promise.resolve('armed'), tap: undefined, isOver: false }; // prettier-ignore
      this.#entries.set(name, entry);
      entry.ready = this.#arm(entry);
      entry.ready.catch((error: unknown) => this.#refused(name, entry, error));
    } catch (error) {
      this.#refuse(name, error);
    }
  }

  async #arm(entry: Entry): Promise<'armed' | 'pending'> {
    const { registry, filters } = this.#host;
    const { plan, type } = entry;
    const { event, request } = type.cause;
    await this.#host.provide(event);
    const write = await filters.writerFor(event);
    if (entry.isOver || this.#isOver) return 'armed';
    const cause = registry.tryGetEventType(event)?.descriptor;
    const pushed = cause === undefined ? request : pushConjuncts(cause, plan.conjuncts(cause), request, write); // prettier-ignore
    const { request: _request, ...options } = this.#catch.options;
    const outcome = new Outcome(type.name);
    const tap = registry.tap({
      ...options,
      pattern: event,
      catchId: entry.catchId,
      ...(pushed === undefined ? {} : { request: pushed }),
      where: (descriptor) => plan.compile(descriptor),
      narrow: (descriptor, fields) => plan.conjuncts(descriptor, fields),
      onArmed: (_event, armId) => {
        if (!this.#isOpening) this.#catch.armed(type.name, armId);
        outcome.armed();
      },
      onFailure: (_event, error) => {
        if (!outcome.failed(type.name, error)) this.#catch.failed(type.name, error);
      },
    });
    entry.tap = tap;
    return await outcome.settled(tap);
  }

  #refused(name: string, entry: Entry, error: unknown): void {
    if (this.#entries.get(name) !== entry) return;
    this.#drop(name, entry);
    this.#refuse(name, error);
  }

  #refuse(name: string, error: unknown): void {
    if (this.#isOpening && name === this.#catch.options.pattern) this.#refusal = { error };
    else this.#catch.failed(name, error);
  }

  /**
   * Waits for what is registered at the time of the catch.
   *
   * @throws why the one type that it names cannot be caught
   */
  async settled(): Promise<'armed' | 'pending'> {
    const states = await Promise.allSettled(Array.from(this.#entries.values(), ({ ready }) => ready)); // prettier-ignore
    this.#isOpening = false;
    if (this.#refusal !== undefined) throw this.#refusal.error;
    return states.some((state) => state.status === 'fulfilled' && state.value === 'pending') ? 'pending' : 'armed'; // prettier-ignore
  }

  /** The event that has been caught, when one of these taps is among those that stopped. */
  follow(catchIds: readonly number[], event: StoppingEvent): StoppingEvent | undefined {
    for (const { catchId, plan } of this.#entries.values()) {
      const { watched } = this.#host.registry;
      if (catchIds.includes(catchId)) return plan.follow(event, watched ?? { pid: 0, nameOf: () => '' }); // prettier-ignore
    }
    return undefined;
  }

  /** Has a temporary one stopped? */
  get isSpent(): boolean {
    for (const { tap } of this.#entries.values()) if (tap?.isLive === false) return true;
    return false;
  }

  #drop(name: string, entry: Entry): void {
    entry.isOver = true;
    this.#entries.delete(name);
    if (entry.tap !== undefined) this.#host.registry.untap(entry.tap);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const [name, entry] of this.#entries) this.#drop(name, entry);
  }
}
