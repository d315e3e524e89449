import { Arms, type RequestedSource } from './arms.ts';
import { createCodec } from './codec.ts';
import { Delivery } from './delivery.ts';
import { ExtensionEventError } from './errors.ts';
import { EventType } from './event-type.ts';
import { changeFlags, createFlagBlock, flag, flagHeaderWords, flagWord, generationOffset, layoutVersion, typeCapacity } from './flags.ts'; // prettier-ignore
import { layOutFields } from './layout.ts';
import { type Listening, listenLocally, type ListenOptions, type PostedEvent } from './listen.ts';
import { loseFromSource } from './losses.ts';
import { Moment, type StoppingEvent, type WatchedProcess } from './moment.ts';
import { compilePattern, isExactPattern } from './names.ts';
import { type Binding, maxDepth, processEvent, type ThreadState, type TypeState } from './process-event.ts'; // prettier-ignore
import { Recorder } from './recorder.ts';
import { describeOptions, type EventTypeOptions, type RegisteredType, schemaOf } from './register-options.ts'; // prettier-ignore
import { type OwnEvents, registerOwnEvents } from './registry-events.ts';
import { listenSlots } from './ring.ts';
import { SentinelWait, stopSentinel } from './stop.ts';
import { type Predicate, type Probe, Tap, type TapOptions } from './tap.ts';
import type {
  AnyPayload,
  EventTypeDescriptor,
  Fields,
  RequestParameters,
  Subject,
} from './types.ts';
import { warn } from './warn.ts';

interface Registered {
  readonly handle: EventType;
  readonly state: TypeState;
  readonly arms: Arms | undefined;
  readonly schema: string;
  /** How many registrations share it. */
  owners: number;
  /** Who is told when it makes room for another one of its name; `undefined`: it does not. */
  yields: (() => void)[] | undefined;
}

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
  /**
   * Where events are about other threads than the poster's, a catchpoint that matches is told here
   * instead of stopping the poster; set by a host.
   */
  onStop: ((catchIds: readonly number[], event: StoppingEvent) => void) | undefined;
  /** The process that events are about, where it is not this one; set by a host. */
  watched: WatchedProcess | undefined;
  readonly #thread: ThreadState;
  readonly #types: Map<string, Registered> = new Map();
  readonly #free: number[] = [];
  #taps: readonly Tap[] = [];
  readonly #own: OwnEvents;

  /** @internal Use {@link getRegistry}. */
  constructor(subject: Subject, threadName: string) {
    this.subject = subject;
    this.words = createFlagBlock(subject.tid, subject.threadId);
    const sentinel = new SentinelWait(this.words);
    this.#thread = {
      subject,
      moments: Array.from(
        { length: maxDepth },
        // oxlint-disable-next-line typescript/unbound-method -- only its identity is used
        () => new Moment(this, threadName, EventType.prototype.post),
      ),
      depth: 0,
      delivery: new Delivery(),
      recorder: undefined,
      endTap: (tap, error) => this.#endTap(tap, error),
      reportLoss: (name, reason, detail, count) =>
        this.#own.reportLoss(name, reason, detail, count),
      stop: (catchIds, { codec, descriptor }, payload, moment) => {
        const { onStop } = this;
        if (onStop !== undefined) {
          onStop(catchIds, moment.tell(codec.snapshot(payload)));
          return true;
        }
        if (!sentinel.isArmed()) return false;
        this.stopSentinel(catchIds, descriptor.name, payload);
        return true;
      },
    };
    this.#own = registerOwnEvents(this);
  }

  /**
   * Registers an event type on this thread and returns its handle. The same name with the same
   * schema gives the same handle; listens that wait for the name hear its first post. A type that was
   * registered with `displaced` makes room for one with another schema.
   *
   * @throws ExtensionEventError `EE_NAME`, `EE_FIELDS`, `EE_SCHEMA_CONFLICT`, `EE_TYPE_LIMIT`
   */
  registerEventType<const F extends Fields, const R extends RequestParameters = RequestParameters>(
    options: EventTypeOptions<F, R>,
  ): EventType<F, R> {
    const descriptor = describeOptions(options);
    const layout = layOutFields(descriptor.name, descriptor.fields);
    const schema = schemaOf(descriptor);
    const { displaced } = options;
    const present = this.#types.get(descriptor.name);
    if (present !== undefined) {
      if (present.schema === schema) return share(present, displaced) as unknown as EventType<F, R>;
      if (present.yields === undefined || displaced !== undefined) throw conflict(descriptor.name);
      this.#displace(present);
    }
    const index = this.#takeWord(descriptor.name);
    const state: TypeState = { thread: this.#thread, index, descriptor, codec: createCodec(layout), bindings: [], onlyTap: undefined, heard: 0, definedIn: undefined }; // prettier-ignore
    const handle = new EventType(this, state);
    const arms = this.#createArms(state, options);
    const type: Registered = {
      handle,
      state,
      arms,
      schema,
      owners: 1,
      yields: displaced && [displaced],
    };
    this.#types.set(descriptor.name, type);
    for (const tap of this.#taps) this.#bind(type, tap);
    // Absent while the constructor registers the registry's own events.
    (this.#own as OwnEvents | undefined)?.registered(descriptor);
    this.onTypesChanged?.();
    return handle as unknown as EventType<F, R>;
  }

  // The newcomer goes on, whatever the displaced have to say.
  #displace(present: Registered): void {
    present.owners = 1;
    this.unregister(present.handle);
    for (const tell of present.yields ?? []) {
      try {
        tell();
      } catch (error) {
        warn('a displaced event type did not go quietly', error);
      }
    }
  }

  #createArms(state: TypeState, source: Partial<RequestedSource>): Arms | undefined {
    const { descriptor } = state;
    if (source.arm === undefined) return undefined;
    const switches: RequestedSource = {
      arm: (arming) => source.arm?.(arming),
      disarm: (arming) => source.disarm?.(arming),
      separatesStops: source.separatesStops,
      narrowsBy: source.narrowsBy,
    };
    return new Arms(descriptor, switches, {
      subject: this.subject,
      post: (payload, occurrence) => processEvent(state, payload, occurrence, -1),
      lose: (armId, count) => loseFromSource(state, armId, count),
      refuse: (taps, error) => {
        for (const tap of taps) {
          this.#unbind(state, tap);
          this.#fail(tap, descriptor.name, error);
        }
      },
      tell: (what, arming) => this.#own[what](descriptor, arming),
    });
  }

  #takeWord(name: string): number {
    const { words } = this;
    const used = words[flagWord.used] ?? 0;
    let index = this.#free.pop();
    if (index === undefined) {
      if (used >= typeCapacity) {
        throw new ExtensionEventError('EE_TYPE_LIMIT', `${name} cannot be registered: this thread has ${typeCapacity} event types already.`, 'Unregister types that are done; put what varies into a field instead of the name.'); // prettier-ignore
      }
      words[flagWord.used] = used + 1;
      index = flagHeaderWords + used;
    }
    Atomics.add(words, index + generationOffset, 1);
    return index;
  }

  /** Takes a type out of the name space and disarms its source; a handle that is done with is let pass. */
  unregister(handle: Pick<EventType, 'name'>): void {
    const type = this.#types.get(handle.name);
    if (type === undefined || type.handle !== handle || --type.owners > 0) return;
    const { state, arms } = type;
    this.#types.delete(handle.name);
    state.bindings = []; // for good: posts through the old handle end here, whoever gets its word
    this.#showFlags(state);
    arms?.clear();
    this.#free.push(state.index);
    this.#own.unregistered(state.descriptor);
    this.onTypesChanged?.();
  }

  /** What is registered on this thread. */
  describeTypes(): RegisteredType[] {
    return Array.from(this.#types.values(), ({ state }) => {
      const { index, descriptor, bindings, heard } = state;
      const generation = this.words[index + generationOffset] ?? 0;
      return { index, generation, descriptor, listeners: bindings.length, heard };
    });
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
    return listenLocally(this, pattern, callback, options, false);
  }

  /** @internal {@link EventType.listen}: bare payloads of one name. */
  listenBare(
    name: string,
    callback: (payload: AnyPayload) => void,
    options: ListenOptions = {},
  ): Listening {
    return listenLocally(this, name, callback, options, true);
  }

  /**
   * Adds a tap: a listen in any of its four modes. For agents and script runtimes; code listens
   * with {@link listen}.
   *
   * @throws ExtensionEventError `EE_PATTERN`, `EE_LISTEN_LIMIT`
   */
  tap(options: TapOptions): Tap {
    const { mode, slot } = options;
    if (mode === 'record' && !(Number.isInteger(slot) && Number(slot) >= 0 && Number(slot) < listenSlots)) {
      throw new ExtensionEventError('EE_LISTEN_LIMIT', `A recorded listen takes a slot from 0 to ${listenSlots - 1}, not ${slot}.`, 'End a listen that is not needed: a thread records for 32 at once.'); // prettier-ignore
    } // prettier-ignore
    const tap = new Tap(options, compilePattern(options.pattern), (thrower, error) =>
      this.#endTap(thrower, error),
    );
    this.#taps = [...this.#taps, tap];
    if (tap.slot >= 0) this.#thread.recorder?.resetSlot(tap.slot);
    for (const type of this.#types.values()) this.#bind(type, tap);
    return tap;
  }

  /** Is there an event type now that a tap hears? */
  isServed(tap: Tap): boolean {
    return [...this.#types.values()].some(({ state }) =>
      state.bindings.some((binding) => binding.tap === tap),
    );
  }

  /** Ends a tap; when this returns, nothing of it runs any more. */
  untap(tap: Tap): void {
    if (!tap.isLive) return;
    tap.end();
    this.#taps = replaced(
      () => this.#taps,
      (taps) => taps.filter((other) => other !== tap),
    );
    for (const { state, arms } of this.#types.values()) {
      this.#unbind(state, tap);
      arms?.remove(tap);
    }
    if (tap.slot >= 0) this.#thread.recorder?.tellLosses();
  }

  #endTap(tap: Tap, error: unknown): void {
    if (!tap.isLive) return;
    this.untap(tap);
    if (error !== undefined) this.#fail(tap, tap.options.pattern, error);
  }

  #fail(tap: Tap, name: string, error: unknown): void {
    try {
      tap.options.onFailure?.(name, error);
    } catch (thrown) {
      warn('onFailure of a listen threw', thrown);
    }
  }

  // The binding comes before the arming: a source may post the moment it is armed.
  #bind({ state, arms }: Registered, tap: Tap): void {
    const { name, kind } = state.descriptor;
    if (!tap.matches(name) || (kind === 'requested' && !isExactPattern(tap.options.pattern)))
      return;
    try {
      const predicate = compileFor(tap, state.descriptor);
      const armId = arms?.add(tap) ?? 0;
      const binding = { tap, predicate, armId };
      state.bindings = replaced(() => state.bindings, (bindings) => insert(bindings, binding)); // prettier-ignore
      this.#showFlags(state);
      arms?.start(armId, tap);
    } catch (error) {
      this.#unbind(state, tap);
      this.#fail(tap, name, error);
    }
  }

  #unbind(state: TypeState, tap: Tap): void {
    if (!state.bindings.some((binding) => binding.tap === tap)) return;
    state.bindings = replaced(
      () => state.bindings,
      (bindings) => bindings.filter((binding) => binding.tap !== tap),
    );
    this.#showFlags(state);
  }

  // The word is the union of what the taps want; other threads may change its bits meanwhile.
  #showFlags(state: TypeState): void {
    for (;;) {
      const { bindings } = state;
      let bits = 0;
      for (const { tap } of bindings) bits |= tap.bit;
      state.onlyTap = findOnlyTap(state);
      changeFlags(this.words, state.index, bits, allFlags & ~bits);
      if (state.bindings === bindings) return;
    }
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

// An agent comes into a thread by interrupt, at any call or turn of a loop, and may tap in the midst
// of this: what it has changed meanwhile is not lost. Nothing can come between the comparison and the
// caller's assignment.
function replaced<T>(read: () => T, change: (value: T) => T): T {
  for (;;) {
    const before = read();
    const after = change(before);
    if (read() === before) return after;
  }
}

const allFlags = flag.probe | flag.local | flag.record | flag.stop;

// A field that a provisional type lacks may come with its next registration. Until then nothing matches.
function compileFor({ options: { probe, where } }: Tap, descriptor: EventTypeDescriptor): Predicate | Probe | undefined {
  try {
    return probe?.(descriptor) ?? where?.(descriptor);
  } catch (error) {
    const { code = '' } = (error ?? {}) as { code?: string };
    if (descriptor.isProvisional !== true || !/^EE_(?:EXPR|SCRIPT)_FIELD$/.test(code)) throw error;
    return () => false;
  }
} // prettier-ignore

function findOnlyTap({ bindings: [first, ...others] }: TypeState): Tap | undefined {
  if (first === undefined || others.length > 0 || first.predicate !== undefined) return undefined;
  const { tap } = first;
  const { budget, stack } = tap.options;
  if (budget !== undefined || stack !== undefined) return undefined;
  const isPlain = tap.bit === flag.local ? tap.isBare : tap.bit === flag.record && tap.slot >= 0;
  return isPlain ? tap : undefined;
}

// Probes run before everything else; within both groups the order of attaching holds.
function insert(bindings: readonly Binding[], binding: Binding): Binding[] {
  if (binding.tap.bit !== flag.probe) return [...bindings, binding];
  const at = bindings.findIndex(({ tap }) => tap.bit !== flag.probe);
  return bindings.toSpliced(at < 0 ? bindings.length : at, 0, binding);
}

function share(present: Registered, displaced: (() => void) | undefined): EventType {
  present.owners++;
  if (displaced === undefined) present.yields = undefined; // somebody relies on it now
  else present.yields?.push(displaced);
  return present.handle;
}

function conflict(name: string): ExtensionEventError {
  return new ExtensionEventError('EE_SCHEMA_CONFLICT', `${name} is registered on this thread already, with other fields.`, 'Give one of the two another name, or make the fields the same.'); // prettier-ignore
}
