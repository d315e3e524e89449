import type { ListenOptions, Listening } from './listen.ts';
import { processEvent, type TypeState } from './process-event.ts';
import type { Registry } from './registry.ts';
import type { EventTypeDescriptor, Fields, Payload, RequestGiven, RequestParameters } from './types.ts'; // prettier-ignore

/**
 * The handle of a registered event type. Keep it in a module-private `const`: then `post` compiles
 * to one load of this thread's flag word, one test and one branch (V8 folds the rest).
 */
export class EventType<F extends Fields = Fields, R extends RequestParameters = RequestParameters> {
  // Declared only: an emitted field definition would be a second store, and V8 folds into the off
  // path only what was stored once.
  /** @internal This thread's flag block, read plainly; never Atomics on this path. */
  declare readonly words: Int32Array;
  /** @internal */
  declare readonly index: number;
  /** @internal */
  declare readonly state: TypeState;
  /** @internal */
  declare readonly registry: Registry;
  declare readonly descriptor: EventTypeDescriptor;

  /** @internal Made by {@link Registry.registerEventType}. */
  constructor(registry: Registry, state: TypeState) {
    this.words = registry.words;
    this.index = state.index;
    this.state = state;
    this.registry = registry;
    this.descriptor = state.descriptor;
  }

  get name(): string {
    return this.descriptor.name;
  }

  /**
   * Does anybody listen on this thread? The guard for payloads that are costly to build:
   * `if (type.hasListeners) type.post({ … })`.
   */
  get hasListeners(): boolean {
    return this.words[this.index] !== 0;
  }

  /**
   * Posts one event about this thread. Costs a load, a test and a branch when nobody listens.
   *
   * Never throws: not on account of a listener, and a payload that does not fit the fields is
   * counted as lost for each listen and reported by `registry.lost`. Getters of the payload may be
   * called several times. A requested source posts through its arming instead, to the listeners of
   * that arming alone; this method reaches those of all.
   *
   * @param nowNs - the time as {@link monotonicNs} has just told it, where the poster needs it too
   */
  post(payload: Payload<F>, nowNs: number = -1): void {
    if (this.words[this.index] !== 0) processEvent(this.state, payload, undefined, nowNs);
  }

  /**
   * Hears this event on this thread, at the safe point after each post.
   *
   * @throws ExtensionEventError `EE_REQUEST`, `EE_ARM_FAILED` for requested types
   */
  listen(
    callback: (payload: Payload<F>) => void,
    options?: ListenOptions<Payload<F>, RequestGiven<R>>,
  ): Listening {
    return this.registry.listenBare(this.name, callback as never, options as never);
  }

  /**
   * Takes the type out of the name space, once everybody who registered it has. Later posts through
   * this handle do nothing.
   */
  unregister(): void {
    this.registry.unregister(this);
  }

  [Symbol.dispose](): void {
    this.unregister();
  }
}
