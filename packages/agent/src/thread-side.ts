/**
 * What runs inside each traced thread: core, the predicate compiler, and the few calls that the
 * agent makes. Bundled into one CommonJS file that can be evaluated in any thread, also one that
 * spins, and that new workers load when they inherit listens.
 *
 * It uses the registry of the core that the program loaded, when there is one. Everything it sets
 * up is undone by `leave`.
 */
import { BroadcastChannel, setEnvironmentData } from 'node:worker_threads';
import {
  Budget,
  type EventTypeDescriptor,
  ExtensionEventError,
  flagWord,
  getRegistry,
  inheritanceKey,
  monotonicNs,
  type RegisteredType,
  type Registry,
  type Tap,
  type TapOptions,
} from '@extension-events/core';
import { createRingBuffer } from '@extension-events/core/ring';
import { compilePredicate } from '@extension-events/script/expression';
import type { WireError } from '@extension-events/protocol';
import type { RemoteThrow, StateUpdate, ThreadShare } from '@extension-events/script/runtime';
import type { JoinData, TapAnswer, TapFailure, TapSpec, ThreadMessage } from './tap-spec.ts';
import {
  type ProducerFactory,
  type ThreadProducerFile,
  ThreadProducers,
} from './thread-producers.ts';
import { type ScriptInstall, ThreadScripts } from './thread-scripts.ts';

// An agent that does not answer is gone, or hangs. One that has answered drains the rings, and goes on
// answering while consumers take what waits for them.
const exitPatienceMs = 300;
const drainPatienceMs = 1000;
const longestExitNs = 6e9;

/** The agent's side of one thread; the agent reaches it under a `Symbol.for` key. */
export class ThreadSide {
  readonly registry: Registry;
  #data: JoinData | undefined;
  #channel: string | undefined;
  readonly #producers: ThreadProducers;
  readonly #scripts: ThreadScripts;
  // An agent comes by interrupt, also into the midst of what a new worker does to join by itself: what
  // is begun is there, without a tap as yet, and is not done twice.
  readonly #taps: Map<number, Tap | undefined> = new Map();
  readonly #budgets: Map<number, Budget> = new Map();
  #failures: TapFailure[] = [];
  #exitHook: ((code: number) => void) | undefined;

  constructor(registry: Registry) {
    this.registry = registry;
    this.#producers = new ThreadProducers(registry);
    this.#scripts = new ThreadScripts(registry, (news) => this.#say({ kind: 'script', threadId: registry.subject.threadId, news })); // prettier-ignore
  }

  /**
   * Brings this thread in step with the agent: its channel, its ring, its producers, and exactly
   * these taps and scripts.
   *
   * @param factories - the evaluated files of the producers, in their order
   */
  join(
    data: JoinData,
    factories: readonly ProducerFactory[] = [],
  ): { tid: number; threadId: number; types: RegisteredType[] } {
    const { registry } = this;
    if (this.#data !== undefined && this.#data.agent !== data.agent) this.leave();
    this.#data = data;
    if (this.#channel === undefined) this.#open(data);
    data.producers.forEach((producer, index) => this.#loadLate(producer, factories[index]));
    const wanted = new Set(data.taps.map((spec) => spec.id));
    for (const id of this.#taps.keys()) if (!wanted.has(id)) this.untap(id);
    for (const spec of data.taps) this.tap(spec);
    const scripts = new Set(data.scripts.map(({ id }) => id));
    for (const id of this.#scripts.ids) if (!scripts.has(id)) this.#scripts.remove(id);
    for (const script of data.scripts) {
      const stopped = this.installScript(script);
      if (stopped !== undefined) this.#say({ kind: 'script', threadId: registry.subject.threadId, news: { id: script.id, stopped } }); // prettier-ignore
    }
    this.#leaveToWorkers();
    return { ...registry.subject, types: registry.describeTypes() };
  }

  // Nobody waits for the answer: the events of this thread are missing, and somebody may ask why.
  #loadLate(producer: ThreadProducerFile, factory: ProducerFactory | undefined): void {
    const error = this.#producers.load(producer, factory);
    const { threadId } = this.registry.subject;
    if (error !== undefined) this.#say({ kind: 'producer-refused', threadId, producer: producer.id, error }); // prettier-ignore
  }

  /** Starts a producer in this thread, once; returns why it cannot work here. */
  load(producer: ThreadProducerFile, factory: ProducerFactory): WireError | undefined {
    const refusal = this.#producers.load(producer, factory);
    if (this.#data !== undefined && refusal === undefined) {
      const others = this.#data.producers.filter(({ id }) => id !== producer.id);
      this.#data = { ...this.#data, producers: [...others, producer] };
      this.#leaveToWorkers();
    }
    return refusal;
  }

  #open({ channel: name, ringBytes }: JoinData): void {
    const { registry } = this;
    this.#channel = name;
    registry.setRing(createRingBuffer(ringBytes));
    registry.onTypesChanged = () => this.#say({ kind: 'types-changed', threadId: registry.subject.threadId }); // prettier-ignore
    this.#shareMemory();
  }

  #shareMemory(): void {
    const { ring, subject, words } = this.registry;
    if (ring !== undefined) this.#say({ kind: 'joined', ...subject, words, ring });
  }

  #say(message: ThreadMessage): void {
    if (this.#channel === undefined) return;
    // Open only for this: a channel that stayed open would be told what other threads say, and Node
    // would load a hundred modules into the program to make the event.
    const channel = new BroadcastChannel(this.#channel);
    channel.postMessage(message);
    channel.close();
  }

  /** Adds a listen. */
  tap(spec: TapSpec): TapAnswer {
    if (this.#taps.has(spec.id)) return { isServed: true, failures: [] };
    this.#taps.set(spec.id, undefined);
    this.#failures = [];
    const { where, budget, grants: _grants, ...rest } = spec;
    const options: TapOptions = {
      ...rest,
      // Looked at for each type that matches, also one that is registered later.
      where: (descriptor) => {
        checkRequestGrants(descriptor, spec);
        return where === undefined ? undefined : compilePredicate(where, descriptor);
      },
      ...(budget === undefined ? {} : { budget: this.#budgetOf(spec.consumer, budget) }),
      catchId: spec.id,
      onFailure: (name, error) => this.#failed(spec.id, name, error),
      onArmed: (name, armId) => this.#say({ kind: 'armed', threadId: this.registry.subject.threadId, id: spec.id, name, armId }), // prettier-ignore
    };
    try {
      this.#producers.provide(spec.pattern);
    } catch (error) {
      this.#failed(spec.id, spec.pattern, error);
    }
    const tap = this.registry.tap(options);
    // Ended meanwhile, before there was anything to end.
    if (this.#taps.has(spec.id)) this.#taps.set(spec.id, tap);
    else this.registry.untap(tap);
    const failures = this.#failures;
    this.#failures = [];
    return { isServed: this.registry.isServed(tap), failures };
  }

  #budgetOf(consumer: number, limits: NonNullable<TapSpec['budget']>): Budget {
    const present = this.#budgets.get(consumer);
    if (present !== undefined) return present;
    const budget = new Budget(limits);
    this.#budgets.set(consumer, budget);
    return budget;
  }

  #failed(id: number, name: string, error: unknown): void {
    const {
      code = 'EE_PREDICATE_FAILED',
      message = String(error),
      hint = '',
    } = (error ?? {}) as Partial<TapFailure['error']>;
    const failure: TapFailure = { id, name, error: { code, message, hint } };
    this.#failures.push(failure);
    this.#say({ kind: 'failure', threadId: this.registry.subject.threadId, failure });
  }

  /** Ends a listen; when this returns, no record of it can still be written. */
  untap(id: number): void {
    const tap = this.#taps.get(id);
    this.#taps.delete(id);
    if (tap !== undefined) this.registry.untap(tap);
  }

  /** What workers that are started from now on will inherit. */
  inherit(taps: readonly TapSpec[]): void {
    if (this.#data === undefined) return;
    this.#data = { ...this.#data, taps };
    this.#leaveToWorkers();
  }

  #leaveToWorkers(): void {
    if (this.#data !== undefined)
      setEnvironmentData(inheritanceKey, { file: this.#data.file, data: this.#data });
  }

  // ---- scripts

  /** Starts a script here, once; returns why it cannot run here. */
  installScript(script: ScriptInstall): WireError | undefined {
    try {
      for (const pattern of script.patterns) this.#producers.provide(pattern);
    } catch (error) {
      const { code, message, hint } = error as WireError;
      return { code, message, hint };
    }
    const refusal = this.#scripts.install(script);
    this.#watchWorkerExit();
    return refusal;
  }

  /** What the script has gathered here is handed over. */
  collectScript(id: number): ThreadShare | undefined {
    return this.#scripts.collect(id);
  }

  applyScript({ id, update }: { id: number; update: StateUpdate }): void {
    this.#scripts.apply(id, update);
  }

  postFromScript({ id, thrown }: { id: number; thrown: RemoteThrow }): void {
    this.#scripts.post(id, thrown);
  }

  /** Ends the script here; the last that it has gathered. */
  removeScript(id: number): ThreadShare | undefined {
    return this.#scripts.remove(id);
  }

  /** The scripts that workers started from now on are to run. */
  inheritScripts(scripts: readonly ScriptInstall[]): void {
    if (this.#data === undefined) return;
    this.#data = { ...this.#data, scripts };
    this.#leaveToWorkers();
  }

  // What a worker's scripts have gathered outlives it; the main thread's goes with its last word.
  #watchWorkerExit(): void {
    const { threadId } = this.registry.subject;
    if (threadId === 0 || this.#exitHook !== undefined) return;
    this.#exitHook = () =>
      this.#say({ kind: 'shares', threadId, shares: this.#scripts.removeAll() });
    process.on('exit', this.#exitHook);
  }

  describe(): RegisteredType[] {
    return this.registry.describeTypes();
  }

  /** Before the process ends, waits until the agent has drained the rings: typically below 5 ms. */
  watchExit(): void {
    if (this.#exitHook !== undefined) return;
    const { words, subject } = this.registry;
    this.#exitHook = (exitCode) => {
      Atomics.store(words, flagWord.exit, 1);
      this.#say({ kind: 'exiting', threadId: subject.threadId, exitCode, shares: this.#scripts.removeAll() }); // prettier-ignore
      Atomics.wait(words, flagWord.exit, 1, exitPatienceMs);
      waitForDrain(words);
    };
    process.on('exit', this.#exitHook);
  }

  /** Undoes all that was set up here; the ring and the registry's types stay. */
  leave(): void {
    for (const id of this.#taps.keys()) this.untap(id);
    this.#scripts[Symbol.dispose]();
    this.#producers[Symbol.dispose]();
    this.#budgets.clear();
    if (this.#exitHook !== undefined) process.off('exit', this.#exitHook);
    this.#exitHook = undefined;
    this.registry.onTypesChanged = undefined;
    this.registry.setRing(undefined);
    setEnvironmentData(inheritanceKey, undefined);
    this.#channel = undefined;
    this.#data = undefined;
  }
}

/** @throws ExtensionEventError `EE_GRANT_NEEDED` */
function checkRequestGrants(
  { name, request: parameters = {} }: EventTypeDescriptor,
  { request = {}, grants = [] }: TapSpec,
): void {
  for (const [key, value] of Object.entries(request)) {
    const { grant, default: usual } = parameters[key] ?? {};
    if (grant === undefined || value === usual || grants.includes(grant)) continue;
    throw new ExtensionEventError('EE_GRANT_NEEDED', `${name} with ${key}=${String(value)} needs the grant ${grant}, which this connection did not ask for.`, 'Connect with the grant in the hello frame: extev debug does. Or leave the parameter out.'); // prettier-ignore
  }
}

const key = Symbol.for('extension-events.thread-side.v1');

/** The thread side of this thread, made at the first call. */
export function getThreadSide(registry: Registry = getRegistry()): ThreadSide {
  const holder = globalThis as { [key]?: ThreadSide };
  const present = holder[key];
  if (present !== undefined) return present;
  const side = new ThreadSide(registry);
  const meanwhile = holder[key];
  if (meanwhile !== undefined) return meanwhile;
  Object.defineProperty(holder, key, { value: side, enumerable: false, configurable: true });
  return side;
}

// Word 8: 1 until the agent answers, 2 when it is done, any other number while it goes on.
function waitForDrain(words: Int32Array<SharedArrayBuffer>): void {
  const deadlineNs = monotonicNs() + longestExitNs;
  for (;;) {
    const state = Atomics.load(words, flagWord.exit);
    if (state === 1 || state === 2 || monotonicNs() > deadlineNs) return;
    if (Atomics.wait(words, flagWord.exit, state, drainPatienceMs) === 'timed-out') return;
  }
}

/** Called by core in a new worker that inherits listens. */
export function join(registry: Registry, data: JoinData): void {
  getThreadSide(registry).join(data);
}
