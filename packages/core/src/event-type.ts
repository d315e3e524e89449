import type { Registry } from './registry.ts';
import type { ListenOptions, Listening } from './listen.ts';
import type { EventTypeDescriptor, Fields, Payload } from './types.ts';

/**
 * The handle of a registered event type. Keep it in a module-private `const`: then `post` compiles
 * to one load of this thread's flag word, one test and one branch (V8 folds the rest).
 */
export class EventType<F extends Fields = Fields> {
  // Declared only: an emitted field definition would be a second store, and V8 folds into the off
  // path only what was stored once.
  /** @internal This thread's flag block, read plainly; never Atomics on this path. */
  declare readonly words: Int32Array;
  /** @internal */
  declare readonly index: number;
  /** @internal */
  declare readonly registry: Registry;
  declare readonly descriptor: EventTypeDescriptor;

  /** @internal Made by {@link Registry.registerEventType}. */
  constructor(
    registry: Registry,
    words: Int32Array,
    index: number,
    descriptor: EventTypeDescriptor,
  ) {
    this.words = words;
    this.index = index;
    this.registry = registry;
    this.descriptor = descriptor;
  }

  get name(): string {
    return this.descriptor.name;
  }

  /** Does anybody listen on this thread? The guard for payloads that are costly to build. */
  get hasListeners(): boolean {
    return this.words[this.index] !== 0;
  }

  /**
   * Posts one event about this thread. Costs a load, a test and a branch when nobody listens.
   *
   * Never throws: not on account of a listener, and a payload that does not fit the fields is
   * counted as lost for each listen and reported by `registry.lost`.
   */
  post(payload: Payload<F>): void {
    if (this.words[this.index] !== 0) this.registry.process(this, this.index, payload);
  }

  /**
   * Hears this event on this thread, at the safe point after each post.
   *
   * @throws ExtensionEventError `EE_REQUEST`, `EE_ARM_FAILED` for requested types
   */
  listen(callback: (payload: Payload<F>) => void, options?: ListenOptions<Payload<F>>): Listening {
    return this.registry.listenBare(this.name, callback as never, options as never);
  }

  /** Takes the type out of the name space. Later posts through this handle do nothing. */
  unregister(): void {
    this.registry.unregister(this);
  }

  [Symbol.dispose](): void {
    this.unregister();
  }
}
