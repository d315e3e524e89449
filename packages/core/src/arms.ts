import { ExtensionEventError } from './errors.ts';
import type { Occurrence } from './moment.ts';
import { resolveRequest } from './request.ts';
import type { Tap } from './tap.ts';
import type { AnyPayload, Comparison, EventTypeDescriptor, RequestValues, Subject } from './types.ts'; // prettier-ignore
import { warn } from './warn.ts';

/** What a requested source gets when it is switched on for one (thread, request). */
export interface Arming<P = AnyPayload, R = RequestValues> {
  readonly armId: number;
  /** The thread to watch; `undefined`: every thread that the source can see. */
  readonly subject: Subject | undefined;
  /** Validated, with defaults filled in. */
  readonly request: R;
  /**
   * Catchpoints asked for it: whatever is posted here is to stop its thread. Only sources that
   * declare `separatesStops` are armed so, apart from listeners with the same request.
   */
  readonly isStop: boolean;
  /**
   * Each of its listeners refuses events for which one of these does not hold, so that the source
   * need not post them; it may all the same. Only sources that declare `narrowsBy` are told, and
   * only of those fields.
   */
  readonly narrow: readonly Comparison[];
  /**
   * Posts to the listeners of this arming alone.
   *
   * @param subject - the thread it is about; default: the armed one, else the posting thread
   * @param timestampNs - CLOCK_MONOTONIC; default: now
   */
  post(payload: P, subject?: Subject, timestampNs?: number): void;
  /** Counts events that the source itself could not keep: matched and lost for each listener. */
  lose(count: number): void;
}

/** The two switches of a requested source. Both must be idempotent; `arm` may refuse by throwing or rejecting. */
export interface RequestedSource<P = AnyPayload, R = RequestValues> {
  /** Stopping needs other means than reporting: catchpoints get an arming of their own. */
  readonly separatesStops?: boolean | undefined;
  /** Fields by which it leaves events out at their origin. */
  readonly narrowsBy?: readonly string[] | undefined;
  arm(arming: Arming<P, R>): void | Promise<void>;
  disarm(arming: Arming<P, R>): void;
}

/** What {@link Arms} needs of its registry. */
export interface ArmsHost {
  readonly subject: Subject;
  post(payload: AnyPayload, occurrence: Occurrence): void;
  lose(armId: number, count: number): void;
  /** The source refused after a while: its listeners are let go. */
  refuse(taps: Iterable<Tap>, error: unknown): void;
  tell(what: 'armed' | 'disarmed', arming: Arming): void;
}

/** One arming: it lasts from its first listener to its last. */
interface Arm {
  readonly arming: Arming;
  readonly taps: Set<Tap>;
  state: 'new' | 'pending' | 'armed' | 'over';
}

/** Arms each (event type, thread, request) with its first listener, disarms it with its last. */
export class Arms {
  readonly #descriptor: EventTypeDescriptor;
  readonly #source: RequestedSource;
  readonly #host: ArmsHost;
  readonly #arms: Map<string, Arm> = new Map();

  constructor(descriptor: EventTypeDescriptor, source: RequestedSource, host: ArmsHost) {
    this.#descriptor = descriptor;
    this.#source = source;
    this.#host = host;
  }

  /**
   * Finds or makes the arming that a listener asks for, and returns its id; {@link start} follows
   * when the listener is ready to hear.
   *
   * @throws ExtensionEventError `EE_REQUEST`
   */
  add(tap: Tap): number {
    const { mode, subject } = tap.options;
    const isStop = mode === 'stop' && this.#source.separatesStops === true;
    // Whoever listens to a filtered type has no parameters in mind, least of all with a wildcard.
    const request = this.#descriptor.kind === 'filtered' ? {} : resolveRequest(this.#descriptor, tap.options.request); // prettier-ignore
    const narrow = this.#narrowFor(tap);
    const values = Object.entries(request).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([subject?.tid, subject?.threadId, isStop, values, narrow.map(keyOf).toSorted()]); // prettier-ignore
    let arm = this.#arms.get(key);
    if (arm === undefined) {
      arm = { arming: this.#create(request, subject, isStop, narrow), taps: new Set(), state: 'new' }; // prettier-ignore
      this.#arms.set(key, arm);
    }
    arm.taps.add(tap);
    return arm.arming.armId;
  }

  #narrowFor({ options }: Tap): readonly Comparison[] {
    const { narrowsBy = [] } = this.#source;
    if (narrowsBy.length === 0) return [];
    const comparisons = options.narrow?.(this.#descriptor, narrowsBy) ?? [];
    return comparisons.filter(({ field }) => narrowsBy.includes(field));
  }

  #create(
    request: RequestValues,
    armed: Subject | undefined,
    isStop: boolean,
    narrow: readonly Comparison[],
  ): Arming {
    const armId = nextArmId++;
    const host = this.#host;
    const post: Arming['post'] = (payload, subject = armed ?? host.subject, timestampNs) =>
      host.post(payload, { subject, timestampNs, armId, poster: post });
    const lose: Arming['lose'] = (count) => host.lose(armId, count);
    return { armId, subject: armed, request, isStop, narrow, post, lose };
  }

  /**
   * Switches the source on, unless it is on already, and tells the listener.
   *
   * @throws whatever `arm` throws, as `EE_ARM_FAILED` when it has no code
   */
  start(armId: number, tap: Tap): void {
    const arm = [...this.#arms.values()].find(({ arming }) => arming.armId === armId);
    const { name } = this.#descriptor;
    if (arm?.state === 'armed') tap.options.onArmed?.(name, armId);
    if (arm?.state === 'pending') tap.awaits.add(name);
    if (arm?.state !== 'new') return;
    arm.state = 'pending';
    tap.awaits.add(name);
    try {
      const pending = this.#source.arm(arm.arming);
      if (pending instanceof Promise) {
        pending.then(
          () => this.#finish(arm),
          (error: unknown) => this.#fail(arm, error),
        );
      } else this.#finish(arm);
    } catch (error) {
      this.#end(arm);
      tap.awaits.delete(name);
      throw this.#armFailed(error);
    }
  }

  #finish(arm: Arm): void {
    if (arm.state === 'over') {
      // Its last listener left while the source was starting: switch off what came up meanwhile.
      this.#disarm(arm);
      return;
    }
    arm.state = 'armed';
    this.#host.tell('armed', arm.arming);
    for (const tap of arm.taps) {
      tap.awaits.delete(this.#descriptor.name);
      tap.options.onArmed?.(this.#descriptor.name, arm.arming.armId);
    }
  }

  #fail(arm: Arm, error: unknown): void {
    if (arm.state === 'over') return;
    this.#end(arm);
    for (const tap of arm.taps) tap.awaits.delete(this.#descriptor.name);
    this.#host.refuse(arm.taps, this.#armFailed(error));
  }

  #armFailed(error: unknown): unknown {
    if (typeof (error as { code?: unknown } | undefined)?.code === 'string') return error;
    const text = error instanceof Error ? error.message : String(error);
    return new ExtensionEventError('EE_ARM_FAILED', `${this.#descriptor.name} could not be armed: ${text}`, 'See extev doctor for what this machine supports.', { cause: error }); // prettier-ignore
  }

  /** Takes a listener away. */
  remove(tap: Tap): void {
    for (const arm of this.#arms.values()) {
      if (arm.taps.delete(tap) && arm.taps.size === 0) this.#stop(arm);
    }
  }

  /** Disarms everything; the type is unregistered. */
  clear(): void {
    for (const arm of this.#arms.values()) this.#stop(arm);
  }

  #stop(arm: Arm): void {
    const wasArmed = arm.state === 'armed';
    const wasStarted = wasArmed || arm.state === 'pending';
    this.#end(arm);
    if (wasStarted) this.#disarm(arm);
    if (wasArmed) this.#host.tell('disarmed', arm.arming);
  }

  #disarm({ arming }: Arm): void {
    try {
      this.#source.disarm(arming);
    } catch (error) {
      warn(`disarming ${this.#descriptor.name} failed`, error);
    }
  }

  #end(arm: Arm): void {
    arm.state = 'over';
    for (const [key, other] of this.#arms) if (other === arm) this.#arms.delete(key);
  }
}

function keyOf({ field, op, value }: Comparison): string {
  return `${field} ${op} ${typeof value} ${String(value)}`;
}

// Ids are unique on a thread over all types, so that a record needs no more than the number.
let nextArmId = 1;
