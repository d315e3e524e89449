import type { CheckedProgram, Globals } from '../program/checked.ts';
import { adoptSettled, tellSettled } from '../program/open-types.ts';
import type { ScriptSpec, SettledGlobal, StateUpdate, ThreadShare } from '../program/wire.ts';
import { Account } from '../runtime/account.ts';
import { coordinatorBudget, defaultBudget } from '../runtime/budget.ts';
import { reasonOf, type StopReason } from '../runtime/errors.ts';
import type { BodyContext, Run } from '../runtime/machine.ts';
import { State } from '../runtime/state.ts';
import { type CoordinatorBodies, compileBodies } from './bodies.ts';
import { type RunClock, systemClock } from './clock.ts';
import { CoordinatorMachine, RemoteType } from './coordinator-machine.ts';
import { Schedule } from './schedule.ts';
import type { RunEnd, ScriptRunOptions, ScriptSide } from './types.ts';

// How often threads learn of each other; and how much of a script's work is lost at most with a thread
// that is terminated, or a process that is killed.
const mergeEveryMs = { shared: 250, kept: 1000 } as const;

/**
 * The coordinator of a script, in the process of who started it: installs it, runs its begin, timer
 * and end probes on the merged state, and tells the threads what the others have done.
 *
 * It does one thing at a time: probes never overlap, and a round (collect, merge, run, apply) ends
 * before the next begins.
 */
export class ScriptRun {
  /** Settles when everything is undone and the end probes have run. Never rejects. */
  readonly ended: Promise<RunEnd>;
  /** Settles when the script is in force in its threads, or has ended before. Never rejects. */
  readonly ready: Promise<void>;
  readonly #side: ScriptSide;
  /** Its globals are settled where an awaited event tells their types. */
  #program: CheckedProgram;
  readonly #started: Globals;
  readonly #clock: RunClock;
  readonly #machine: CoordinatorMachine;
  readonly #state: State;
  readonly #account: Account;
  #bodies: CoordinatorBodies;
  readonly #compile: (program: CheckedProgram) => CoordinatorBodies;
  #becomeReady: (() => void) | undefined;
  readonly #context: { eventName: string } & BodyContext;
  /** Shares that came by themselves, of threads that have ended. */
  readonly #late: ThreadShare[] = [];
  #end: Pick<RunEnd, 'why' | 'error'> | undefined;
  #wake: (() => void) | undefined;
  #threads = 0;
  #merges = 0;
  #skipped = 0;
  #missing = 0;

  constructor({ clock = systemClock, ...options }: ScriptRunOptions) {
    const { output, program, side } = options;
    this.#side = side;
    this.#program = program;
    this.#started = program.globals;
    this.#clock = clock;
    const budget = options.coordinatorBudget ?? coordinatorBudget;
    this.#machine = new CoordinatorMachine(budget, output, () => clock.wallMs());
    this.#account = new Account(budget, () => clock.nowNs());
    this.#state = new State(program.globals, { account: this.#account, isMaster: true });
    this.#context = createContext(clock);
    const { events } = program;
    const surface = {
      machine: this.#machine,
      stores: this.#state.stores,
      events,
      types: events.map(({ name }) => new RemoteType(name)),
    };
    this.#compile = (checked) => compileBodies(options.files, checked, surface);
    this.#bodies = this.#compile(program);
    this.ready = new Promise((resolve) => {
      this.#becomeReady = resolve;
    });
    const { budget: threadBudget = defaultBudget, files, name, run } = options;
    this.ended = this.#run({ run, name, files, globals: program.globals, events, budget: threadBudget }); // prettier-ignore
  }

  /** Ends the script as `exit()` does. */
  stop(): void {
    this.#finish({ why: 'asked' });
  }

  /** A probe of some thread has called `exit()`. */
  exited(): void {
    this.#finish({ why: 'exit' });
  }

  /** The script has stopped itself in some thread. */
  stopped(error: StopReason): void {
    this.#finish({ why: 'error', error });
  }

  /** A thread has ended. */
  threadEnded(share: ThreadShare): void {
    this.#late.push(share);
  }

  /** There is no thread any more. */
  targetEnded(shares: readonly ThreadShare[] = []): void {
    this.#late.push(...shares);
    this.#finish({ why: 'target' });
  }

  #finish(end: Pick<RunEnd, 'why' | 'error'>): void {
    this.#end ??= end;
    this.#wake?.();
  }

  async #run(spec: ScriptSpec): Promise<RunEnd> {
    // Nothing happens before the caller has the object.
    await Promise.resolve();
    let isInstalled = false;
    try {
      this.#runBodies(this.#bodies.begins, 'begin');
      if (this.#end === undefined) {
        await this.#side.install({ ...spec, globals: this.#asBegun() });
        isInstalled = true;
        await this.#tellThreads(this.#state.tell());
        await this.#postThrown();
        this.#becomeReady?.();
        await this.#tick();
      }
    } catch (error) {
      this.#finish({ why: 'error', error: reasonOf(error) });
    }
    await this.#close(isInstalled);
    this.#becomeReady?.();
    const end = this.#end ?? { why: 'asked' };
    return { ...end, skippedTicks: this.#skipped, missingShares: this.#missing, merges: this.#merges }; // prettier-ignore
  }

  // What begin probes have assigned is there when the first event comes.
  #asBegun(): Globals {
    return this.#program.globals.map((global, index) => {
      const store = this.#state.stores[index];
      const isScalar = global.keys.length === 0 && global.value !== 'stats';
      if (!isScalar || store === undefined || global.open?.value === true) return global;
      return { ...global, initial: store.get(0) };
    });
  }

  async #tick(): Promise<void> {
    const schedule = new Schedule(this.#program.timers, this.#clock.nowNs());
    const { globals } = this.#program;
    const isShared = globals.some(({ isReadByEvents }) => isReadByEvents);
    let mergedNs = this.#clock.nowNs();
    for (;;) {
      const everyMs = isShared && this.#threads > 1 ? mergeEveryMs.shared : mergeEveryMs.kept;
      const mergeNs = globals.length > 0 ? mergedNs + everyMs * 1e6 : Number.POSITIVE_INFINITY;
      await this.#waitUntil(Math.min(schedule.nextNs, mergeNs));
      if (this.#end !== undefined) return;
      const nowNs = this.#clock.nowNs();
      const due = schedule.take(nowNs);
      this.#skipped = schedule.skipped;
      mergedNs = nowNs;
      await this.#round(due);
    }
  }

  async #waitUntil(timeNs: number): Promise<void> {
    if (this.#end !== undefined) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      // No timer waits longer than 24 days; what is due later is waited for again.
      const delayMs = Math.min(2 ** 31 - 1, Math.max(0, (timeNs - this.#clock.nowNs()) / 1e6));
      const callOff = timeNs === Number.POSITIVE_INFINITY ? undefined : this.#clock.after(delayMs, resolve); // prettier-ignore
      this.#wake = () => {
        callOff?.();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  async #round(timers: readonly number[]): Promise<void> {
    const shares = await this.#side.collect();
    const isNews = shares.length !== this.#threads || this.#late.length > 0 || (shares.length > 1 && shares.some(hasRead(this.#program.globals))); // prettier-ignore
    this.#threads = shares.length;
    this.#merge(shares);
    const bodies = timers.flatMap((timer) => this.#bodies.timers[timer] ?? []);
    const hasChanged = this.#runBodies(bodies, 'timer');
    if (isNews || hasChanged) await this.#tellThreads(this.#state.tell());
    await this.#postThrown();
  }

  #merge(shares: readonly ThreadShare[]): void {
    this.#merges++;
    const told = [...this.#late.splice(0), ...shares];
    const all = told.filter(({ isMissing }) => isMissing !== true);
    this.#missing += told.length - all.length;
    this.#settle(all.flatMap(({ settled = [] }) => settled));
    this.#state.merge(all);
    this.#state.check(this.#account);
    if (all.some(({ hasExited }) => hasExited)) this.exited();
  }

  /** Some thread has seen an awaited event: its own bodies are made anew for what it holds. */
  #settle(settled: readonly SettledGlobal[]): void {
    if (settled.length === 0) return;
    let { globals } = this.#program;
    for (const each of settled) globals = adoptSettled(globals, [each]);
    if (tellSettled(this.#program.globals, globals).length === 0) return;
    this.#program = { ...this.#program, globals };
    this.#state.settle(globals);
    // Probes that do not fit what the event has cannot run any more, not even to tell of nothing.
    this.#bodies = noBodies;
    this.#bodies = this.#compile(this.#program);
  }

  /** Runs bodies until one ends the script; true when they may have changed what event probes read. */
  #runBodies(bodies: readonly Run[], eventName: string): boolean {
    this.#context.eventName = eventName;
    for (const body of bodies) {
      if (this.#end !== undefined && eventName !== 'end') break;
      body({}, this.#context);
      // Into the merged state.
      this.#state.collect();
      this.#noteEnd();
    }
    return bodies.length > 0;
  }

  #noteEnd(): void {
    const { error, hasExited } = this.#machine;
    if (error !== undefined) this.#finish({ why: 'error', error });
    else if (hasExited) this.exited();
  }

  async #tellThreads(update: StateUpdate): Promise<void> {
    const settled = tellSettled(this.#started, this.#program.globals);
    if (update.globals.length > 0) await this.#side.apply({ ...update, ...(settled.length > 0 && { settled }) }); // prettier-ignore
  }

  async #postThrown(): Promise<void> {
    for (const thrown of this.#machine.thrown.splice(0)) await this.#side.post(thrown);
  }

  async #close(isInstalled: boolean): Promise<void> {
    const { endThrows } = this.#bodies;
    const why = this.#end?.why;
    try {
      if (isInstalled && endThrows && why !== 'target' && why !== 'error') {
        this.#merge(await this.#side.collect());
        this.#runEnds();
        await this.#postThrown();
        await this.#side.remove();
        return;
      }
      if (isInstalled) this.#merge(await this.#removeAll());
    } catch (error) {
      this.#end = { why: 'error', error: this.#end?.error ?? reasonOf(error) };
    }
    // What was gathered until it ended against its will is not lost; its events are gone by then.
    if (isInstalled || why !== 'error') this.#runEnds();
  }

  // A target that has ended has nothing to say any more.
  async #removeAll(): Promise<readonly ThreadShare[]> {
    try {
      return await this.#side.remove();
    } catch (error) {
      if (this.#end?.why === 'target') return [];
      throw error;
    }
  }

  #runEnds(): void {
    this.#runBodies(this.#bodies.ends, 'end');
    const { error } = this.#machine;
    if (error !== undefined) this.#end = { why: 'error', error: this.#end?.error ?? error };
  }
}

const noBodies: CoordinatorBodies = { begins: [], ends: [], timers: [], endThrows: false };

function hasRead(globals: Globals): (share: ThreadShare) => boolean {
  return (share) => share.globals.some(({ global }) => globals[global]?.isReadByEvents);
}

// Begin, end and timer probes run in no thread of the target.
function createContext(clock: RunClock): { eventName: string } & BodyContext {
  return {
    pid: 0,
    tid: 0,
    threadId: 0,
    threadName: '',
    eventName: '',
    get timestampNs() {
      return clock.nowNs();
    },
    captureStack: () => '',
  };
}
