import { Arms, type Arming, type RequestedSource } from './arms.ts';
import { createCodec } from './codec.ts';
import { Delivery } from './delivery.ts';
import { ExtensionEventError } from './errors.ts';
import { EventType } from './event-type.ts';
import {
  changeFlags,
  createFlagBlock,
  flag,
  flagHeaderWords,
  flagWord,
  layoutVersion,
  typeCapacity,
} from './flags.ts';
import { layOutFields } from './layout.ts';
import type { Listening, ListenOptions, PostedEvent } from './listen.ts';
import { checkEventName, compilePattern, isExactPattern } from './names.ts';
import {
  type Binding,
  processEvent,
  maxDepth,
  type ThreadState,
  type TypeState,
} from './process-event.ts';
import { Moment, type Occurrence } from './moment.ts';
import { Recorder } from './recorder.ts';
import { registerOwnEvents, type OwnEvents } from './registry-events.ts';
import { stopSentinel, waitForSentinel } from './stop.ts';
import { Tap, type TapOptions } from './tap.ts';
import type {
  AnyPayload,
  EventTypeDescriptor,
  Fields,
  Payload,
  RequestParameters,
  Subject,
} from './types.ts';

/** What {@link Registry.registerEventType} takes. */
export interface EventTypeOptions<F extends Fields> {
  /** Dot-separated kebab-case: `net.send`. */
  readonly name: string;
  /** Default `filtered`. */
  readonly kind?: 'filtered' | 'requested';
  readonly description: string;
  readonly fields: F;
  readonly stability?: 'stable' | 'experimental';
  readonly producer?: string;
  /** Of a requested type: what a listener may ask for. */
  readonly request?: RequestParameters;
  /** Of a requested type: switches the source on for one (thread, request). */
  readonly arm?: (arming: Arming<Payload<F>>) => void | Promise<void>;
  readonly disarm?: (arming: Arming<Payload<F>>) => void;
}

/** One registered type as a reader of the name space sees it. */
export interface RegisteredType {
  readonly index: number;
  readonly descriptor: EventTypeDescriptor;
  readonly listeners: number;
  /** Posts while somebody listened. */
  readonly heard: number;
}

interface Registered extends TypeState {
  readonly handle: EventType;
  readonly arms: Arms | undefined;
  readonly schema: string;
}

const bitOf = {
  probe: flag.probe,
  local: flag.local,
  record: flag.record,
  stop: flag.stop,
} as const;

/**
 * The event types, listens and ring of one thread. All copies of core on a thread share one, found
 * by {@link getRegistry}; nothing here is shared between threads but the flag block and the ring.
 */
export class Registry {
  readonly layout: number = layoutVersion;
  readonly subject: Subject;
  /** The flag block (see flags.ts); the agent gets it too. */
  readonly words: Int32Array<SharedArrayBuffer>;
  /** Called when a catchpoint stops this thread; a debugger's breakpoint stands on it. */
  readonly stopSentinel: typeof stopSentinel = stopSentinel;
  /** Told of each registration and unregistration, at once; set by the agent's thread side. */
  onTypesChanged: (() => void) | undefined;
  readonly #thread: ThreadState;
  readonly #types: Map<string, Registered> = new Map();
  readonly #free: number[] = [];
  #taps: Tap[] = [];
  #nextOrder = 1;
  readonly #own: OwnEvents;

  /** @internal Use {@link getRegistry}. */
  constructor(subject: Subject, threadName: string) {
    this.subject = subject;
    this.words = createFlagBlock(subject.tid, subject.threadId);
    this.#thread = {
      subject,
      moments: Array.from(
        { length: maxDepth },
        // oxlint-disable-next-line typescript/unbound-method -- only its identity is used
        () => new Moment(subject, threadName, EventType.prototype.post),
      ),
      delivery: new Delivery(),
      recorder: undefined,
      endTap: (tap, error) => this.#endTap(tap, error),
      reportLoss: (name, reason, detail) => this.#own.reportLoss(name, reason, detail),
      stop: (catchIds, name, payload) => {
        if (waitForSentinel(this.words)) this.stopSentinel(catchIds, name, payload);
      },
    };
    this.#own = registerOwnEvents(this);
  }

  /**
   * Registers an event type on this thread and returns its handle. The same name with the same
   * schema gives the same handle; listens that wait for the name hear its first post.
   *
   * @throws ExtensionEventError `EE_NAME`, `EE_FIELDS`, `EE_SCHEMA_CONFLICT`, `EE_TYPE_LIMIT`
   */
  registerEventType<const F extends Fields>(options: EventTypeOptions<F>): EventType<F> {
    const { arm, disarm, ...rest } = options;
    checkEventName(options.name);
    const descriptor: EventTypeDescriptor = { ...rest, kind: options.kind ?? 'filtered' };
    const schema = JSON.stringify([descriptor.kind, Object.entries(descriptor.fields).map(([n, f]) => [n, f.type, f.optional ?? false])]); // prettier-ignore
    const present = this.#types.get(options.name);
    if (present !== undefined) return shareOrRefuse(present, schema) as unknown as EventType<F>;
    const layout = layOutFields(options.name, options.fields);
    const index = this.#takeWord(options.name);
    const handle = new EventType(this, this.words, index, descriptor);
    const source =
      arm === undefined
        ? undefined
        : ({ arm, disarm: disarm ?? noop } as unknown as RequestedSource);
    const type: Registered = { index, descriptor, codec: createCodec(layout), bindings: [], heard: 0, handle, schema, arms: source && this.#createArms(descriptor, source) }; // prettier-ignore
    this.#types.set(options.name, type);
    for (const tap of this.#taps) this.#bind(type, tap);
    this.#own?.registered(descriptor);
    this.onTypesChanged?.();
    return handle as unknown as EventType<F>;
  }

  #createArms(descriptor: EventTypeDescriptor, source: RequestedSource): Arms {
    const post = (
      armId: number,
      payload: AnyPayload,
      subject?: Subject,
      timestampNs?: number,
    ): void => {
      const type = this.#types.get(descriptor.name);
      const occurrence: Occurrence = { subject: subject ?? this.subject, timestampNs, armId };
      if (type !== undefined) processEvent(this.#thread, type, payload, occurrence);
    };
    return new Arms(descriptor, source, post, (what, arming) =>
      this.#own[what](descriptor, arming),
    );
  }

  #takeWord(name: string): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const used = this.words[flagWord.used] ?? 0;
    if (used >= typeCapacity) {
      throw new ExtensionEventError('EE_TYPE_LIMIT', `${name} cannot be registered: this thread has ${typeCapacity} event types already.`, 'Unregister types that are done; put what varies into a field instead of the name.'); // prettier-ignore
    }
    this.words[flagWord.used] = used + 1;
    return flagHeaderWords + used;
  }

  /** Takes a type out of the name space and disarms its source; unknown handles are let pass. */
  unregister(handle: EventType<never> | EventType): void {
    const type = this.#types.get(handle.name);
    if (type === undefined || type.handle !== handle) return;
    this.#types.delete(handle.name);
    type.arms?.clear();
    type.bindings = [];
    this.#showFlags(type);
    this.#thread.recorder?.forget(type.index);
    // The word is used again, so the old handle must not reach the next type's taps: see process().
    this.#free.push(type.index);
    this.#own.unregistered(type.descriptor);
    this.onTypesChanged?.();
  }

  /** The slow path of {@link EventType.post}. */
  process(handle: EventType, index: number, payload: AnyPayload): void {
    const type = this.#types.get(handle.name);
    // A handle that was unregistered may see the flags of the word's next owner.
    if (type === undefined || type.handle !== handle || type.index !== index) return;
    processEvent(this.#thread, type, payload, undefined);
  }

  /** What is registered on this thread. */
  describeTypes(): RegisteredType[] {
    return [...this.#types.values()].map(({ index, descriptor, bindings, heard }) => ({ index, descriptor, listeners: bindings.length, heard })); // prettier-ignore
  }

  /** The handle of a name, or `undefined` while nobody has registered it. */
  tryGetEventType(name: string): EventType | undefined {
    return this.#types.get(name)?.handle;
  }

  /**
   * Hears every event on this thread whose name matches, now or later. Wildcards hear filtered
   * types only: a requested one has a price, and is armed by its exact name.
   *
   * @throws ExtensionEventError `EE_PATTERN`, `EE_REQUEST`, `EE_ARM_FAILED`
   */
  listen(
    pattern: string,
    callback: (event: PostedEvent) => void,
    options: ListenOptions = {},
  ): Listening {
    return this.#listen(pattern, callback, options, false);
  }

  /** @internal {@link EventType.listen}: bare payloads of one name. */
  listenBare(
    name: string,
    callback: (payload: AnyPayload) => void,
    options: ListenOptions = {},
  ): Listening {
    return this.#listen(name, callback, options, true);
  }

  #listen(
    pattern: string,
    run: (event: never) => void,
    options: ListenOptions,
    bare: boolean,
  ): Listening {
    const { where, signal } = options;
    let failure: unknown;
    const tap = this.tap({
      ...options,
      ...(where === undefined
        ? { where: undefined as never }
        : { where: () => where }),
      mode: 'local',
      pattern,
      run,
      bare,
      onFailure: (_name, error) => (failure ??= error),
    });
    if (failure !== undefined) {
      this.untap(tap);
      throw failure as Error;
    }
    this.#errorHandlers.set(tap, options.onError ?? warn);
    const unlisten = (): void => this.untap(tap);
    signal?.addEventListener('abort', unlisten, { once: true });
    if (signal?.aborted === true) unlisten();
    return {
      unlisten,
      [Symbol.dispose]: unlisten,
      get account() {
        return tap.account;
      },
    };
  }

  readonly #errorHandlers: WeakMap<Tap, (error: unknown) => void> = new WeakMap();

  /**
   * Adds a tap: a listen in any of its four modes. For agents and script runtimes; code listens
   * with {@link listen}.
   *
   * @throws ExtensionEventError `EE_PATTERN`
   */
  tap(options: TapOptions): Tap {
    const onThrow = (thrower: Tap, error: unknown): void => this.#endTap(thrower, error);
    const tap = new Tap(options, compilePattern(options.pattern), this.#nextOrder++, onThrow);
    this.#taps = [...this.#taps, tap];
    if (options.slot !== undefined) this.#thread.recorder?.resetSlot(options.slot);
    for (const type of this.#types.values()) this.#bind(type, tap);
    return tap;
  }

  /** Ends a tap; when this returns, nothing of it runs any more. */
  untap(tap: Tap): void {
    tap.isLive = false;
    this.#taps = this.#taps.filter((other) => other !== tap);
    for (const type of this.#types.values()) {
      if (!type.bindings.some((binding) => binding.tap === tap)) continue;
      type.bindings = type.bindings.filter((binding) => binding.tap !== tap);
      this.#showFlags(type);
      type.arms?.remove(tap);
    }
  }

  #endTap(tap: Tap, error: unknown): void {
    if (!tap.isLive) return;
    this.untap(tap);
    if (error === undefined) return;
    this.#errorHandlers.get(tap)?.(error);
    tap.options.onFailure?.(tap.options.pattern, error);
  }

  #bind(type: Registered, tap: Tap): void {
    const { name, kind } = type.descriptor;
    if (!tap.matches(name) || (kind === 'requested' && !isExactPattern(tap.options.pattern)))
      return;
    try {
      const predicate = tap.options.where?.(type.descriptor);
      const armId = type.arms?.add(tap) ?? 0;
      type.bindings = [...type.bindings, { tap, predicate, armId } satisfies Binding];
      this.#showFlags(type);
      if (armId !== 0) tap.options.onArmed?.(name, armId);
    } catch (error) {
      tap.options.onFailure?.(name, error);
    }
  }

  // The word is the union of what the taps want; other threads may change its bits meanwhile.
  #showFlags({ index, bindings }: Registered): void {
    let bits = 0;
    for (const { tap } of bindings) bits |= bitOf[tap.options.mode];
    changeFlags(this.words, index, bits, 15 & ~bits);
  }

  /** Gives this thread a ring to record into (made by {@link createRingBuffer}), or takes it away. */
  setRing(buffer: SharedArrayBuffer | undefined): void {
    this.#thread.recorder = buffer === undefined ? undefined : new Recorder(buffer);
  }

  /** The ring that this thread records into. */
  get ring(): SharedArrayBuffer | undefined {
    return this.#thread.recorder?.buffer;
  }
}

const noop = (): void => {};

function warn(error: unknown): void {
  process.emitWarning(`a listener threw and was unlistened: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, 'ExtensionEventsWarning'); // prettier-ignore
}

function shareOrRefuse(present: Registered, schema: string): EventType {
  if (present.schema === schema) return present.handle;
  throw new ExtensionEventError('EE_SCHEMA_CONFLICT', `${present.descriptor.name} is registered on this thread already, with other fields.`, 'Give one of the two another name, or make the fields the same.'); // prettier-ignore
}
