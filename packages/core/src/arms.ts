import { ExtensionEventError } from './errors.ts';
import { resolveRequest } from './request.ts';
import type { Tap } from './tap.ts';
import type { AnyPayload, EventTypeDescriptor, RequestValues, Subject } from './types.ts';

/** What a requested source gets when it is switched on for one (thread, request). */
export interface Arming<P = AnyPayload> {
  readonly armId: number;
  /** The thread to watch; `undefined`: every thread that the source can see. */
  readonly subject: Subject | undefined;
  /** Validated, with defaults filled in. */
  readonly request: RequestValues;
  /**
   * Posts to the listeners of this arming alone.
   *
   * @param subject - the thread it is about; default: the armed one, else the posting thread
   * @param timestampNs - CLOCK_MONOTONIC; default: now
   */
  post(payload: P, subject?: Subject, timestampNs?: number): void;
}

/** The two switches of a requested source. Both must be idempotent; `arm` may refuse by throwing or rejecting. */
export interface RequestedSource<P = AnyPayload> {
  arm(arming: Arming<P>): void | Promise<void>;
  disarm(arming: Arming<P>): void;
}

interface Arm {
  readonly arming: Arming;
  readonly taps: Set<Tap>;
}

/** Arms each (event type, thread, request) with its first listener, disarms it with its last. */
export class Arms {
  readonly #descriptor: EventTypeDescriptor;
  readonly #source: RequestedSource;
  readonly #post: (
    armId: number,
    payload: AnyPayload,
    subject?: Subject,
    timestampNs?: number,
  ) => void;
  readonly #arms: Map<string, Arm> = new Map();
  readonly #onChange: (event: 'armed' | 'disarmed', arming: Arming) => void;

  constructor(
    descriptor: EventTypeDescriptor,
    source: RequestedSource,
    post: (armId: number, payload: AnyPayload, subject?: Subject, timestampNs?: number) => void,
    onChange: (event: 'armed' | 'disarmed', arming: Arming) => void,
  ) {
    this.#descriptor = descriptor;
    this.#source = source;
    this.#post = post;
    this.#onChange = onChange;
  }

  /**
   * Adds a listener and returns the id of its arming.
   *
   * @throws ExtensionEventError `EE_REQUEST`; whatever `arm` throws, as `EE_ARM_FAILED` when it has no code
   */
  add(tap: Tap): number {
    const request = resolveRequest(this.#descriptor, tap.options.request);
    const { subject } = tap.options;
    const key = JSON.stringify([
      subject?.tid,
      subject?.threadId,
      Object.entries(request).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ]);
    const present = this.#arms.get(key);
    if (present !== undefined) {
      present.taps.add(tap);
      return present.arming.armId;
    }
    const armId = nextArmId++;
    const arming: Arming = {
      armId,
      subject,
      request,
      post: (payload, about, timestampNs) =>
        this.#post(armId, payload, about ?? subject, timestampNs),
    };
    const arm: Arm = { arming, taps: new Set([tap]) };
    this.#arms.set(key, arm);
    this.#start(key, arm);
    return armId;
  }

  #start(key: string, arm: Arm): void {
    try {
      const pending = this.#source.arm(arm.arming);
      // A source that needs time may still refuse; its listeners are told.
      pending?.catch((error: unknown) => this.#fail(key, arm, error));
    } catch (error) {
      this.#arms.delete(key);
      throw armFailed(this.#descriptor.name, error);
    }
    this.#onChange('armed', arm.arming);
  }

  #fail(key: string, arm: Arm, error: unknown): void {
    if (this.#arms.get(key) !== arm) return;
    this.#arms.delete(key);
    const failure = armFailed(this.#descriptor.name, error);
    for (const tap of arm.taps) tap.options.onFailure?.(this.#descriptor.name, failure);
    this.#onChange('disarmed', arm.arming);
  }

  /** Takes a listener away. */
  remove(tap: Tap): void {
    for (const [key, arm] of this.#arms) {
      if (!arm.taps.delete(tap) || arm.taps.size > 0) continue;
      this.#arms.delete(key);
      this.#source.disarm(arm.arming);
      this.#onChange('disarmed', arm.arming);
    }
  }

  /** Disarms everything; the type is unregistered. */
  clear(): void {
    for (const { taps } of this.#arms.values()) for (const tap of taps) this.remove(tap);
  }
}

// Ids are unique on a thread over all types, so that a record needs no more than the number.
let nextArmId = 1;

function armFailed(name: string, error: unknown): unknown {
  if (typeof (error as { code?: unknown } | undefined)?.code === 'string') return error;
  const text = error instanceof Error ? error.message : String(error);
  return new ExtensionEventError('EE_ARM_FAILED', `${name} could not be armed: ${text}`, 'See extev doctor for what this machine supports.', { cause: error }); // prettier-ignore
}
