import { type EventType, ExtensionEventError, monotonicNs, type Registry, type RequestValues, type Tap } from '@extension-events/core'; // prettier-ignore
import type { EventTypeDescriptor, Probe } from '@extension-events/core';
import type { CheckedPoint } from '../program/checked.ts';
import { tellSettled } from '../program/open-types.ts';
import type { RemoteThrow, ScriptSpec, StateUpdate, ThreadShare } from '../program/wire.ts';
import { Account } from './account.ts';
import { compileBody } from './compile.ts';
import { readPayload } from './fit.ts';
import { reasonOf, type StopReason } from './errors.ts';
import {
  type OutputType,
  registerOutput,
  registerStopped,
  type StoppedType,
} from './own-events.ts';
import { type BodySource, readSource } from './source.ts';
import { State } from './state.ts';
import { ThreadMachine } from './thread-machine.ts';

/** Who is told what becomes of an instance. Called inside posts: they must not throw, and return soon. */
export interface ScriptCallbacks {
  /** It went over its budget, or does not fit the program any more; it has ended already. */
  onStopped(error: StopReason): void;
  /** A probe called `exit()`: this thread's probes have ended, those of others should too. */
  onExit(): void;
  /** The source of a requested event could not be armed after all; the other probes go on. */
  onRefused?(event: string, error: unknown): void;
  /** A source has been armed; see {@link ScriptInstance.isArmed}. */
  onArmed?(): void;
}

/** What an instance takes from elsewhere; tests give a time of their own. */
export interface ScriptSurroundings {
  /** The program's bodies; parsed from the text when left out. */
  readonly source?: BodySource;
  readonly nowNs?: () => number;
  readonly wallMs?: () => number;
}

/** Running counts of an instance. */
export interface ScriptCounts {
  /** Events whose probes ran. */
  readonly matched: number;
  /** Payloads that changed while they were read. */
  readonly failed: number;
  readonly thrown: number;
  readonly printed: number;
  readonly memoryBytes: number;
  /** Share of the thread's time in the last whole second that was measured. */
  readonly threadShare: number;
}

/**
 * One script in one thread: registers the events that it declares, and runs its probes inside the
 * posts that they hear. Nothing of it ever throws into the program; over its budget it ends itself.
 *
 * @throws ExtensionEventError when it cannot start here: `EE_SCRIPT_CONFLICT`, what the source of a
 * requested event says, or what does not fit an event type of this thread. Nothing is left then.
 */
export class ScriptInstance implements Disposable {
  readonly #registry: Registry;
  readonly #spec: ScriptSpec;
  readonly #callbacks: ScriptCallbacks;
  readonly #source: BodySource;
  readonly #state: State;
  readonly #account: Account;
  readonly #machine: ThreadMachine;
  readonly #types: EventType[] = [];
  readonly #taps: Tap[] = [];
  #output: OutputType | undefined;
  #stopped: StoppedType | undefined;
  #hasExited = false;
  /** While the constructor runs: what went wrong first. */
  #problem: { readonly error: unknown } | undefined;
  #isStarting = true;

  constructor(
    registry: Registry,
    spec: ScriptSpec,
    callbacks: ScriptCallbacks,
    { source = readSource(spec.files, spec.globals), nowNs = monotonicNs, wallMs = Date.now }: ScriptSurroundings = {}, // prettier-ignore
  ) {
    this.#registry = registry;
    this.#spec = spec;
    this.#callbacks = callbacks;
    this.#source = source;
    this.#account = new Account(spec.budget, nowNs);
    this.#state = new State(spec.globals, { account: this.#account, isMaster: false });
    this.#machine = new ThreadMachine(spec.budget, {
      nowNs,
      wallMs,
      print: (text) => this.#output?.post({ run: spec.run, text }),
      exit: () => this.#exit(),
      stop: (reason) => this.#stop(reason),
    });
    try {
      this.#register();
      for (const point of source.points) this.#tap(point);
      if (this.#problem !== undefined) throw this.#problem.error;
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
    this.#isStarting = false;
  }

  #register(): void {
    const { events, name: script } = this.#spec;
    this.#output = this.#claim('script.output', (displaced) => registerOutput(this.#registry, displaced)); // prettier-ignore
    this.#stopped = this.#claim('script.stopped', (displaced) => registerStopped(this.#registry, displaced)); // prettier-ignore
    for (const { cause, fields, name } of events) {
      const options = { name, description: `Thrown by ${script}.`, producer: `script:${script}`, fields }; // prettier-ignore
      const type = this.#claim(
        name,
        (displaced) =>
        // An event that is thrown by its own probe goes round in circles; that is found out there.
        this.#registry.registerEventType({ ...options, ...(cause && cause.event !== name && { cause }), displaced }), // prettier-ignore
      );
      this.#types.push(type);
    }
  }

  /** Registers a type that makes room when the program registers the name for itself. */
  #claim<T>(name: string, register: (displaced: () => void) => T): T {
    try {
      return register(() => this.#stop(conflict(name, 'the program has registered it meanwhile')));
    } catch (error) {
      if (!(error instanceof ExtensionEventError) || error.code !== 'EE_SCHEMA_CONFLICT') throw error; // prettier-ignore
      const { code, hint, message } = conflict(name, 'it is registered on this thread already');
      throw new ExtensionEventError(code, message, hint, { cause: error });
    }
  }

  #tap(point: CheckedPoint): void {
    const { pattern } = point;
    const request = requestOf(point, this.#registry.tryGetEventType(pattern)?.descriptor);
    const tap = this.#registry.tap({
      mode: 'probe',
      pattern,
      ...(request && { request }),
      probe: (descriptor) => this.#compile(point, descriptor),
      onFailure: (event, error) => this.#refused(event, error),
      onArmed: () => this.#callbacks.onArmed?.(),
    });
    this.#taps.push(tap);
  }

  #compile(point: CheckedPoint, descriptor: EventTypeDescriptor): Probe {
    // Of `net.*` and the like nobody means what scripts themselves post: printing would never end.
    if (isOwnEvent(descriptor.name) && descriptor.name !== point.pattern) return never;
    checkGrants(descriptor, point);
    try {
      const body = this.#source.bodyOf(point, descriptor);
      this.#state.settle(this.#source.globals);
      return compileBody(body, descriptor, this.#source.labelOf(point), {
        machine: this.#machine,
        stores: this.#state.stores,
        events: this.#spec.events,
        types: this.#types,
      });
    } catch (error) {
      // Its fields are learned from its first event: the probe waits for them.
      if (descriptor.isProvisional === true && reasonOf(error).code === 'EE_SCRIPT_FIELD') return never; // prettier-ignore
      // A later type that does not fit: half a program is worse than none.
      if (!this.#isStarting) this.#stop(reasonOf(error));
      throw error;
    }
  }

  #refused(event: string, error: unknown): void {
    if (this.#isStarting) this.#problem ??= { error };
    else if (!this.#machine.isStopped) this.#callbacks.onRefused?.(event, error);
  }

  /** Are the sources of all requested events that it probes armed? */
  get isArmed(): boolean {
    return this.#taps.every((tap) => tap.awaits.size === 0);
  }

  /**
   * Hands over what its probes have done to the globals since the last time. May be called in the
   * middle of a probe, by the interrupt that an inspector makes.
   */
  collect(): ThreadShare {
    const globals = this.#state.collect(this.#machine.depth > 0);
    const settled = tellSettled(this.#spec.globals, this.#source.globals);
    return { globals, hasExited: this.#hasExited, ...(settled.length > 0 && { settled }) };
  }

  /** Lets its probes know what a merge has made of the globals that they read. */
  apply(update: StateUpdate): void {
    if (update.settled !== undefined) {
      this.#source.adopt(update.settled);
      this.#state.settle(this.#source.globals);
    }
    this.#state.apply(update, this.#machine.depth > 0);
  }

  /** Posts an event that a timer, begin or end probe has thrown. */
  post({ event, payload }: RemoteThrow): void {
    const index = this.#spec.events.findIndex(({ name }) => name === event);
    const fields = this.#spec.events[index]?.fields ?? {};
    this.#types[index]?.post(readPayload(payload, fields) as never);
  }

  /** What it has done so far. */
  tell(): ScriptCounts {
    const { failed, meter, printed, thrown } = this.#machine;
    let matched = 0;
    for (const tap of this.#taps) matched += tap.account.matched;
    const { memoryBytes } = this.#account;
    return { matched, failed, thrown, printed, memoryBytes, threadShare: meter.share };
  }

  #exit(): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    // The probe that runs now runs to its end.
    this.#untap();
    this.#tellOthers(() => this.#callbacks.onExit());
  }

  #stop(reason: StopReason): void {
    if (this.#machine.isStopped) return;
    this.#machine.isStopped = true;
    this.#untap();
    this.#unregister();
    const { name, run } = this.#spec;
    this.#stopped?.post({ run, name, code: reason.code, reason: reason.message });
    if (!this.#isStarting) this.#tellOthers(() => this.#callbacks.onStopped(reason));
  }

  // A fault of who is told is not the program's.
  #tellOthers(tell: () => void): void {
    try {
      tell();
    } catch {
      this.#machine.failed++;
    }
  }

  #untap(): void {
    for (const tap of this.#taps) this.#registry.untap(tap);
  }

  // Each once: another script may share them.
  #unregister(): void {
    for (const type of this.#types.splice(0)) type.unregister();
  }

  /** Ends it: nothing of it runs any more, and its event types are gone. The last share can still be collected. */
  [Symbol.dispose](): void {
    this.#untap();
    this.#unregister();
    this.#output?.unregister();
    this.#stopped?.unregister();
    this.#output = undefined;
    this.#stopped = undefined;
    this.#machine.isStopped = true;
  }
}

const never: Probe = () => false;

/**
 * What does more to a thread than listening may is not for scripts: they run without any grant.
 *
 * @throws ExtensionEventError `EE_GRANT_NEEDED`
 */
function checkGrants(
  { name, request: parameters = {} }: EventTypeDescriptor,
  { request = {} }: CheckedPoint,
): void {
  for (const [key, value] of Object.entries(request)) {
    const { grant, default: usual } = parameters[key] ?? {};
    if (grant === undefined || value === usual) continue;
    throw new ExtensionEventError('EE_GRANT_NEEDED', `${name} with ${key}=${String(value)} needs the grant ${grant}, and scripts have none.`, 'leave the parameter out, or catch the event in extev debug.'); // prettier-ignore
  }
}

function isOwnEvent(name: string): boolean {
  return name === 'script.output' || name === 'script.stopped';
}

function conflict(event: string, why: string): StopReason {
  return {
    code: 'EE_SCRIPT_CONFLICT',
    message: `The event ${event} cannot be declared by the script: ${why}, with other fields.`,
    hint: 'give the event of the script another name, or the same fields.',
  };
}

// Events that can bring a stack do so when they are asked to.
function requestOf({ request, wantsStack }: CheckedPoint, descriptor: EventTypeDescriptor | undefined): RequestValues | undefined {
  const isMissing = wantsStack === true && request?.['stack'] === undefined;
  return isMissing && descriptor?.request?.['stack']?.type === 'bool' ? { ...request, stack: true } : request;
} // prettier-ignore
