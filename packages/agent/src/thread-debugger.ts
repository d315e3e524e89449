/**
 * The one debugging session of a thread: how it comes to stand, for whom it is held, and how it
 * runs again.
 *
 * States: running; landing (the stop sentinel was hit, or a step ended in code that is not the
 * user's: we step out until it is); held, by a set of consumers. A pause that is nobody's is let go.
 */
import type { Debugger } from 'node:inspector';
import { type AnyPayload, ExtensionEventError } from '@extension-events/core';
import { type CdpSession, ownUrlPrefix } from '@extension-events/platform-v8';
import type { ScriptPosition, StopCause, StopFrameInfo } from '@extension-events/protocol';
import { type BreakpointRequest, Breakpoints } from './breakpoints.ts';
import type { Consumer } from '@extension-events/protocol/server';
import { Frames, type ScriptInfo } from './frames.ts';
import { HotPlace, type HotPlaceHost } from './hot-place.ts';
import { type Caught, type Landed, Landing } from './landing.ts';
import { Steps } from './steps.ts';
import type { TracedThread } from './traced-thread.ts';
import type { UserCode } from './user-code.ts';

/** Why the thread stands, before it is told to each holder. */
export interface Stop {
  readonly cause: StopCause;
  /** Other events that were caught on the way here: a script throws one inside the post of another. */
  readonly others: readonly StopCause[];
  readonly frames: readonly StopFrameInfo[];
  readonly landed?: Landed['where'];
  readonly notes: readonly string[];
}

export interface DebuggerEvents {
  held(debug: ThreadDebugger): void;
  /** V8 has paused the thread, for whatever reason, or it runs: its samples do not count meanwhile. */
  stands(debug: ThreadDebugger, stands: boolean): void;
  /** `released` held it until now. */
  resumed(
    debug: ThreadDebugger,
    by: 'continue' | 'foreign' | 'watchdog',
    released: readonly Consumer[],
  ): void;
  /** Who is to hold a stop for these catchpoints; temporary ones are used up. */
  holdersOf(catchIds: readonly number[]): Consumer[];
  /** Is a foreign inspector connected to the process? */
  hasForeignClient(): Promise<boolean>;
  /** Something of ours went wrong at a pause; the thread runs on. */
  failed(error: unknown): void;
}

type Paused = Debugger.PausedEventDataType;

interface Stepper {
  /** All that held the stop hold the next one too. */
  readonly holders: readonly Consumer[];
  /** Frames that are left once the function that is to return has returned. */
  readonly depth?: number;
  /** What it returned, once it is known. */
  returned?: unknown;
  hops: number;
}

/** What a consumer asks of a thread that it holds. */
export interface StepRequest {
  readonly type: 'over' | 'into' | 'out';
  readonly callFrameId?: string;
}

const maxHops = 200;
const maxReturns = 50;
const evaluateMs = 2000;
const objectGroup = 'extension-events';

export class ThreadDebugger {
  readonly thread: TracedThread;
  #session: CdpSession;
  readonly #events: DebuggerEvents;
  readonly #frames: Frames;
  readonly #steps: Steps = new Steps();
  readonly #breakpoints: Breakpoints = new Breakpoints(
    () => this.#session,
    (breakpointId) => this.#removeBreakpoint(breakpointId),
  );
  readonly #hotHost: HotPlaceHost = {
    session: () => this.#session,
    remove: (breakpointId) => this.#removeBreakpoint(breakpointId),
    isHeld: () => this.isHeld,
    left: () => (this.#hot = undefined),
  };
  readonly #subscriptions: Disposable[] = [];
  #sentinel: string | undefined;
  #sentinelTurn: Promise<void> = Promise.resolve();
  #landing: Landing | undefined;
  #hot: HotPlace | undefined;
  /** An event that names no place: the thread is to stand wherever it is. */
  #here: Caught | undefined;
  #pausers: Set<Consumer> = new Set();
  #stepper: Stepper | undefined;
  /** Who asked first to step or evaluate at this stop; the other holders only look. */
  #asker: Consumer | undefined;
  #paused: Paused | undefined;
  /** The pause that is being looked at: not one for the watchdog. */
  #deciding: Paused | undefined;
  #isAsyncPause = false;
  #expectResume = false;
  readonly holders: Set<Consumer> = new Set();
  stop: Stop | undefined;

  constructor(
    thread: TracedThread,
    session: CdpSession,
    userCode: UserCode,
    events: DebuggerEvents,
  ) {
    this.thread = thread;
    this.#session = session;
    this.#frames = new Frames(userCode);
    this.#events = events;
  }

  async enable(): Promise<void> {
    const session = this.#session;
    this.#subscriptions.push(
      this.#frames.watch(session),
      session.on('Debugger.paused', (event) => void this.#decide(event as Paused)),
      session.on('Debugger.resumed', () => this.#onResumed()),
    );
    // Evaluated texts that nothing refers to any more are kept up to this, else without a limit.
    await session.post('Debugger.enable', { maxScriptsCacheSize: 10_000_000 });
  }

  /** Releases everything and leaves no breakpoint behind. */
  async disable(): Promise<void> {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    this.#hot?.giveUp();
    this.#steps.end();
    this.thread.showSentinel(false);
    const session = this.#session;
    // A step that follows `Debugger.disable` is fatal to the process: V8 checks that its debugger is
    // active before it finds that the thread is not paused any more (seen on Node 24).
    this.#session = {
      ...session,
      isClosed: true,
      post: () => Promise.reject(new Error('disabled')),
    };
    if (!session.isClosed) await session.post('Debugger.disable').catch(() => undefined);
  }

  get isHeld(): boolean {
    return this.stop !== undefined;
  }

  get scripts(): ScriptInfo[] {
    return this.#frames.scripts;
  }

  /**
   * Sets the one breakpoint on the stop sentinel, or takes it away. One call after another: a thread
   * that is shown the breakpoint before it is set takes a stop for done that never comes.
   */
  armSentinel(wanted: boolean): Promise<void> {
    const turn = this.#sentinelTurn.then(() => (wanted ? this.#setSentinel() : this.#removeSentinel())); // prettier-ignore
    this.#sentinelTurn = turn.catch(() => undefined);
    return turn;
  }

  async #setSentinel(): Promise<void> {
    if (this.#sentinel !== undefined) return this.thread.showSentinel(true);
    const session = this.#session;
    const expression = `globalThis[Symbol.for('extension-events.core.v1')].stopSentinel\n//# sourceURL=${ownUrlPrefix}sentinel`;
    const { result } = await session.post('Runtime.evaluate', { expression, silent: true });
    const { objectId } = result;
    if (objectId === undefined) return;
    const { breakpointId } = await session.post('Debugger.setBreakpointOnFunctionCall', { objectId }); // prettier-ignore
    if (this.#session !== session) return; // disabled meanwhile
    this.#sentinel = breakpointId;
    this.thread.showSentinel(true);
  }

  async #removeSentinel(): Promise<void> {
    const breakpointId = this.#sentinel;
    this.#sentinel = undefined;
    this.thread.showSentinel(false);
    if (breakpointId !== undefined) await this.#removeBreakpoint(breakpointId);
  }

  async #removeBreakpoint(breakpointId: string): Promise<void> {
    await this.#steps.afterwards(() => this.#session.post('Debugger.removeBreakpoint', { breakpointId })); // prettier-ignore
  }

  // ---- coming to stand

  async #decide(event: Paused): Promise<void> {
    this.#paused = event;
    this.#deciding = event;
    // On its way out to the user's code a thread takes one step after another.
    if (this.#landing === undefined) this.#steps.end();
    this.#events.stands(this, true);
    try {
      await this.#onPaused(event);
    } catch (error) {
      // Else it runs on already, or has ended: then there is nothing to look at any more.
      if (this.#paused === event && !this.#session.isClosed) {
        this.#events.failed(error);
        await this.#resume();
      }
    } finally {
      if (this.#deciding === event) this.#deciding = undefined;
    }
  }

  async #onPaused(event: Paused): Promise<void> {
    const hits = event.hitBreakpoints ?? [];
    const isCaught = this.#sentinel !== undefined && hits.includes(this.#sentinel);
    if (this.#landing !== undefined) {
      if (isCaught) await this.#onSentinelLanding(event, this.#landing);
      return this.#land(event, this.#landing);
    }
    if (isCaught) return this.#onSentinel(event);
    if (this.#hot !== undefined && (await this.#onHot(event, this.#hot, hits))) return undefined;
    const { ids, owners } = this.#breakpoints.ownersOf(hits);
    if (this.#here !== undefined && ids.length === 0) return this.#onHere(event, this.#here);
    if (ids.length > 0) {
      this.#stepper = undefined;
      this.#here = undefined; // it stands for another reason
      return this.#hold(event, owners, { type: 'breakpoint', breakpoints: ids });
    }
    if (this.#stepper !== undefined) return this.#onStep(event, this.#stepper);
    if (this.#pausers.size > 0) {
      const holders = [...this.#pausers];
      this.#pausers = new Set();
      this.#isAsyncPause = true;
      return this.#hold(event, holders, { type: 'pause' });
    }
    return this.#onForeign(event);
  }

  async #onSentinel(event: Paused): Promise<void> {
    const caught = await this.#readSentinel(event);
    const holders = this.#events.holdersOf(caught.catchIds);
    if (holders.length === 0) return this.#resume();
    for (const holder of holders) this.holders.add(holder);
    this.#stepper = undefined;
    const { depth, isUser } = this.#nearest(event);
    if (depth === 0)
      return this.#report(event, causeOf(caught), 'in-place', [
        'No frame of the program is below this post: stopped in place.',
      ]);
    this.#landing = new Landing(caught, depth, isUser);
    return this.#land(event, this.#landing);
  }

  async #onSentinelLanding(event: Paused, landing: Landing): Promise<void> {
    const caught = await this.#readSentinel(event);
    const holders = this.#events.holdersOf(caught.catchIds);
    if (holders.length === 0) return;
    for (const holder of holders) this.holders.add(holder);
    landing.meet(caught, this.#nearest(event).depth);
  }

  /** Frames that remain when the nearest frame of the program is on top; 0 when there is none. */
  #nearest({ callFrames }: Paused): { readonly depth: number; readonly isUser: boolean } {
    // Ours is everything down to `post`, whatever file it was bundled into.
    const post = callFrames.findIndex((frame) => frame.functionName === 'post');
    for (const frame of callFrames.slice(0, post + 1))
      this.#frames.rememberOwn(frame.location.scriptId);
    const below = callFrames.slice(post + 1);
    const user = below.findIndex((frame) => this.#frames.ownerOf(frame) === 'user');
    const other = below.findIndex(
      (frame) => !['node', 'ours'].includes(this.#frames.ownerOf(frame)),
    );
    const nearest = user >= 0 ? user : other;
    return { depth: nearest < 0 ? 0 : below.length - nearest, isUser: user >= 0 };
  }

  async #readSentinel({ callFrames }: Paused): Promise<Caught> {
    const expression = `JSON.stringify([arguments[0],arguments[1],arguments[2]],(k,v)=>typeof v==='bigint'?String(v):v)`;
    const callFrameId = callFrames[0]?.callFrameId ?? '';
    const { result } = await this.#session.post('Debugger.evaluateOnCallFrame', { callFrameId, expression, silent: true, returnByValue: true }); // prettier-ignore
    const [catchIds, event, payload] = JSON.parse(String(result.value)) as [
      number[],
      string,
      AnyPayload,
    ];
    return { catchIds, event, payload, timestampNs: Number(process.hrtime.bigint()) };
  }

  async #land(event: Paused, landing: Landing): Promise<void> {
    const landed = landing.arrive(event.callFrames.length);
    if (landed === undefined) return this.#go('Debugger.stepOut');
    this.#endLanding();
    if (landed.isAsync) this.#isAsyncPause = true;
    const { caught, others } = landing;
    return this.#report(event, causeOf(caught), landed.where, landed.notes, others);
  }

  #endLanding(): void {
    this.#landing = undefined;
    this.#steps.end();
  }

  /** Stops the thread at a place that an event from beside it named. */
  async stopAt(caught: Caught, place: ScriptPosition, functionName: string): Promise<void> {
    if (this.isHeld || this.#hot !== undefined || this.#landing !== undefined) return;
    const scriptId =
      place.scriptId || (this.#frames.findScript(String(caught.payload['scriptUrl'])) ?? '');
    const hot = new HotPlace(this.#hotHost, caught, scriptId, functionName);
    this.#hot = hot;
    await hot.await({ ...place, scriptId });
  }

  // Is this pause the one that a hot spot asked for? Then it is dealt with here.
  async #onHot(event: Paused, hot: HotPlace, hits: readonly string[]): Promise<boolean> {
    const landed = hot.judge(event.callFrames[0], hits);
    if (landed === undefined) return false;
    if (landed === 'passing') {
      void this.#resume();
      return true;
    }
    this.#hot = undefined;
    await hot.end();
    const holders = this.#events.holdersOf(hot.caught.catchIds);
    if (holders.length === 0) {
      void this.#resume();
      return true;
    }
    for (const holder of holders) this.holders.add(holder);
    this.#isAsyncPause = landed.isAsync === true;
    await this.#report(event, causeOf(hot.caught), landed.where, landed.notes);
    return true;
  }

  /**
   * Stops the thread where it is, for an event from beside it. It may stand already: then its source
   * made it stand, at the very place.
   */
  async stopHere(caught: Caught): Promise<void> {
    if (this.isHeld || this.#hot !== undefined || this.#landing !== undefined || this.#here !== undefined) return; // prettier-ignore
    this.#here = caught;
    if (this.#paused !== undefined) return this.#onHere(this.#paused, caught, true);
    this.#session.post('Debugger.pause').catch(() => (this.#here = undefined));
  }

  async #onHere(event: Paused, caught: Caught, isAtPlace = false): Promise<void> {
    this.#here = undefined;
    const holders = this.#events.holdersOf(caught.catchIds);
    if (holders.length === 0) return this.#resume();
    for (const holder of holders) this.holders.add(holder);
    this.#stepper = undefined;
    this.#isAsyncPause = !isAtPlace;
    const { function: name, functionLine, isAfter, scriptUrl } = caught.payload;
    const isInside = event.callFrames.some(
      (frame) =>
        this.#frames.urlOf(frame) === scriptUrl &&
        frame.functionLocation?.lineNumber === Number(functionLine) - 1,
    );
    if (isAtPlace || (isInside && isAfter !== true))
      return this.#report(event, causeOf(caught), 'exact', []);
    const had = isAfter === true ? 'The call that the event is about' : String(name);
    const note = name === undefined ? 'The event names no place: stopped where the thread was.' : `${had} had returned: stopped where the thread was.`; // prettier-ignore
    return this.#report(event, causeOf(caught), 'elsewhere', [note]);
  }

  async #onStep(event: Paused, stepper: Stepper): Promise<void> {
    const depth = event.callFrames.length;
    const isReturn = this.#breakpoints.isReturn(event.hitBreakpoints ?? []);
    if (isReturn && depth - 1 === stepper.depth) stepper.returned = await this.#readReturned(event);
    const owner =
      event.callFrames[0] === undefined ? 'user' : this.#frames.ownerOf(event.callFrames[0]);
    const hasUserFrame = event.callFrames.some((frame) => this.#frames.ownerOf(frame) === 'user');
    const isAbove = depth > (stepper.depth ?? Number.POSITIVE_INFINITY);
    // Its breakpoints wait for the return that is meant; a function that calls itself has many more.
    const isWaited = isAbove && stepper.returned === undefined && stepper.hops < maxReturns;
    if (!isWaited) await this.#breakpoints.removeScaffold();
    if ((isAbove || (owner !== 'user' && hasUserFrame)) && stepper.hops++ < maxHops) {
      await this.#go('Debugger.stepOut');
      return;
    }
    this.#stepper = undefined;
    const { holders, returned } = stepper;
    await this.#hold(event, holders, { type: 'step', ...(returned === undefined ? {} : { returned }) }); // prettier-ignore
  }

  async #readReturned({ callFrames }: Paused): Promise<unknown> {
    const value = callFrames[0]?.returnValue;
    if (value?.objectId === undefined) return value;
    // As `print` shows it: what V8 hands out here has no preview, and is gone with the next step.
    const { objectId } = value;
    const look = { objectId, functionDeclaration: 'function(){return this}', generatePreview: true, silent: true, objectGroup }; // prettier-ignore
    const answer = await this.#session.post('Runtime.callFunctionOn', look).catch(() => undefined);
    return answer?.result ?? value;
  }

  // A `debugger;` statement, or another inspector's pause. The first would not stop the program
  // without us, so it must not now; the second is not ours to end.
  async #onForeign(event: Paused): Promise<void> {
    await this.#breakpoints.removeScaffold(); // of a step that nobody waits for any more
    const isForeign = await this.#events.hasForeignClient();
    // It runs again, stands somewhere else by now, or an event from beside it has taken it.
    if (this.#paused !== event || this.holders.size > 0) return;
    if (!isForeign) return this.#resume();
    await this.#report(event, { type: 'foreign', reason: event.reason }, undefined, ['Another inspector stopped this thread; it can be looked at, and only it will resume.']); // prettier-ignore
  }

  async #hold(event: Paused, holders: readonly Consumer[], cause: StopCause): Promise<void> {
    for (const holder of holders) this.holders.add(holder);
    await this.#report(event, cause, undefined, []);
  }

  async #report(
    event: Paused,
    cause: StopCause,
    landed: Stop['landed'],
    notes: readonly string[],
    others: readonly Caught[] = [],
  ): Promise<void> {
    await this.#breakpoints.removeScaffold(); // of a step that something else has ended
    await this.#skipForeignCode(true);
    if (this.#paused !== event) return; // somebody resumed it meanwhile
    if (this.holders.size === 0 && cause.type !== 'foreign') return this.#letGo(); // its debugger left
    const frames = this.#frames.describeAll(event.callFrames);
    this.stop = {
      cause,
      others: others.map(causeOf),
      frames,
      notes,
      ...(landed === undefined ? {} : { landed }),
    };
    this.thread.state = 'held';
    this.thread.heldBy = {
      ...(cause.type === 'event' ? { event: cause.event } : {}),
      holders: Array.from(this.holders, ({ name }) => name),
    };
    this.#events.held(this);
  }

  // While the thread is held, stepping passes over what is not the user's; never while it runs.
  async #skipForeignCode(on: boolean): Promise<void> {
    const patterns = on ? ['^node:', `^${ownUrlPrefix}`] : [];
    await this.#session.post('Debugger.setBlackboxPatterns', { patterns }).catch(() => undefined);
    for (const scriptId of this.#frames.ownScripts) {
      const positions = on ? [{ lineNumber: 0, columnNumber: 0 }] : [];
      await this.#session
        .post('Debugger.setBlackboxedRanges', { scriptId, positions })
        .catch(() => undefined);
    }
  }

  // ---- running again

  #onResumed(): void {
    this.#paused = undefined;
    this.#events.stands(this, false);
    if (this.#expectResume) {
      this.#expectResume = false;
      return;
    }
    // Somebody else's inspector let it go, while it was landing or held.
    const wasLanding = this.#landing !== undefined;
    this.#endLanding();
    if (wasLanding || this.stop !== undefined) this.#released('foreign');
  }

  #released(by: 'continue' | 'foreign' | 'watchdog'): void {
    const released = [...this.holders];
    this.holders.clear();
    this.stop = undefined;
    this.#isAsyncPause = false;
    this.#asker = undefined;
    this.thread.state = 'running';
    this.thread.heldBy = undefined;
    this.#events.resumed(this, by, released);
  }

  #resume(): Promise<void> {
    return this.#go('Debugger.resume');
  }

  async #go(
    method: 'Debugger.resume' | 'Debugger.stepOut' | 'Debugger.stepOver' | 'Debugger.stepInto',
  ): Promise<void> {
    this.#expectResume = true;
    if (method !== 'Debugger.resume') this.#steps.begin();
    try {
      await this.#session.post(method);
    } catch {
      // Another inspector was quicker: the thread runs already.
      this.#expectResume = false;
      this.#steps.end();
      if (this.#landing !== undefined) this.#onResumed();
    }
  }

  /** Gives up one consumer's hold; the thread runs when none is left. Returns who still holds it. */
  async release(consumer: Consumer, by: 'continue' | 'watchdog' = 'continue'): Promise<Consumer[]> {
    if (!this.holders.delete(consumer) || this.holders.size > 0) return [...this.holders];
    const { stop } = this;
    if (stop === undefined) return [];
    // Nobody holds it now, but the watchdog is not to resume it as well: the second of two resumes
    // would let it run past whatever it is stopped by next.
    this.#deciding = this.#paused;
    await this.#skipForeignCode(false);
    if (this.stop !== stop) return []; // another inspector let it go meanwhile
    this.holders.add(consumer); // to be told as released
    this.#released(by);
    await this.#resume();
    return [];
  }

  async #letGo(): Promise<void> {
    const event = this.#paused;
    await this.#skipForeignCode(false);
    if (this.#paused === event) await this.#resume();
  }

  /** A connection closed: its holds, breakpoints and wishes go with it. */
  async forget(consumer: Consumer): Promise<void> {
    this.#pausers.delete(consumer);
    if (this.#stepper?.holders.includes(consumer) === true)
      this.#stepper = withoutHolder(this.#stepper, consumer);
    if (this.#asker === consumer) this.#asker = undefined;
    await this.#breakpoints.forget(consumer);
    await this.release(consumer);
  }

  /** Lets a thread go that stands for nobody: the last net below all the above. */
  async watch(): Promise<void> {
    const event = this.#paused;
    if (event === undefined) return this.#hurry();
    if (event === this.#deciding || this.holders.size > 0 || this.#landing !== undefined) return;
    if (this.stop?.cause.type === 'foreign' && (await this.#events.hasForeignClient())) return;
    if (this.#paused !== event) return;
    if (this.stop !== undefined) this.#released('watchdog');
    await this.#letGo();
  }

  async #hurry(): Promise<void> {
    if (this.#landing?.isOverdue() === true)
      await this.#session.post('Debugger.pause').catch(() => undefined);
  }

  // ---- what a holder asks for

  /** @throws ExtensionEventError `EE_THREAD_NOT_HELD`, `EE_STOP_SHARED` */
  requireHold(consumer: Consumer): Stop {
    if (this.stop === undefined) {
      throw new ExtensionEventError('EE_THREAD_NOT_HELD', `Thread ${this.thread.name} is running.`, 'Stop it first: catch an event, set a breakpoint, or interrupt it.'); // prettier-ignore
    }
    const first = this.#asker ?? consumer;
    this.#asker = first;
    if (first === consumer || this.holders.size < 2) return this.stop;
    throw new ExtensionEventError('EE_STOP_SHARED', `${first.name} holds this stop too and asked first.`, 'Look at frames and locals; continue gives up your own hold. Stepping is theirs until they continue.'); // prettier-ignore
  }

  pause(consumer: Consumer): Promise<unknown> {
    if (this.stop !== undefined) {
      this.holders.add(consumer);
      return Promise.resolve();
    }
    this.#pausers.add(consumer);
    return this.#session.post('Debugger.pause');
  }

  /** `out` leaves the innermost frame, or the one that is named. */
  async step(consumer: Consumer, { type, callFrameId }: StepRequest): Promise<void> {
    this.requireHold(consumer);
    // V8 never lands the first step after an interrupt at a loop's back edge; break on every
    // location of the function instead.
    const at = this.#paused?.callFrames[0]?.functionLocation;
    if (this.#isAsyncPause && type !== 'out' && at !== undefined) {
      await this.#breakpoints.raiseScaffold({ ...at, columnNumber: at.columnNumber ?? 0 });
    }
    const frames = this.#paused?.callFrames ?? [];
    const level = frames.findIndex((frame) => frame.callFrameId === callFrameId);
    const depth = level < 0 ? {} : { depth: frames.length - level - 1 };
    const left = level < 0 ? undefined : frames[level]?.functionLocation;
    // It may stand at its return already, which is not come to again.
    const returned = type === 'out' && level === 0 && this.#paused !== undefined ? await this.#readReturned(this.#paused) : undefined; // prettier-ignore
    if (type === 'out' && left !== undefined && returned === undefined)
      await this.#breakpoints.raiseReturns({ ...left, columnNumber: left.columnNumber ?? 0 });
    this.#stepper = { holders: [...this.holders], hops: 0, ...depth, ...(returned === undefined ? {} : { returned }) }; // prettier-ignore
    this.#released('continue');
    await this.#go(
      type === 'over'
        ? 'Debugger.stepOver'
        : type === 'into'
          ? 'Debugger.stepInto'
          : 'Debugger.stepOut',
    );
  }

  /** Sets a breakpoint on behalf of a consumer. */
  setBreakpoint(consumer: Consumer, request: BreakpointRequest): ReturnType<Breakpoints['set']> {
    return this.#breakpoints.set(consumer, request);
  }

  removeBreakpoint(consumer: Consumer, breakpointId: string): Promise<void> {
    return this.#breakpoints.remove(consumer, breakpointId);
  }

  /** Runs on to a place, once. */
  async runTo(consumer: Consumer, place: ScriptPosition): Promise<void> {
    this.requireHold(consumer);
    this.#stepper = { holders: [...this.holders], hops: 0 };
    this.#released('continue');
    this.#expectResume = true;
    await this.#session.post('Debugger.continueToLocation', { location: { ...place } });
  }

  async evaluate({
    expression,
    callFrameId,
    sideEffects,
  }: {
    expression: string;
    callFrameId?: string;
    sideEffects?: boolean;
  }): Promise<unknown> {
    // prettier-ignore
    const common = { expression, generatePreview: true, throwOnSideEffect: sideEffects !== true, silent: true, timeout: evaluateMs, objectGroup }; // prettier-ignore
    try {
      return callFrameId === undefined
        ? await this.#session.post('Runtime.evaluate', common)
        : await this.#session.post('Debugger.evaluateOnCallFrame', { ...common, callFrameId });
    } catch (error) {
      if (!String(error).includes('terminated')) throw error;
      throw new ExtensionEventError('EE_EXPRESSION_TIMEOUT', `${expression} was stopped after ${evaluateMs} ms.`, 'The thread stands where it stood; ask for something quicker.', { cause: error }); // prettier-ignore
    }
  }

  /** Passes on one of V8's own methods that only look. */
  inspect(
    method:
      | 'Debugger.getScriptSource'
      | 'Debugger.getPossibleBreakpoints'
      | 'Runtime.getProperties',
    params: object,
  ): Promise<unknown> {
    // prettier-ignore
    return (this.#session.post as (m: string, p: object) => Promise<unknown>).call(this.#session, method, params);
  }
}

function causeOf({ catchIds, event, payload, timestampNs }: Caught): StopCause {
  return { type: 'event', listens: catchIds, event, payload, timestampNs };
}

function withoutHolder(stepper: Stepper, consumer: Consumer): Stepper | undefined {
  const holders = stepper.holders.filter((holder) => holder !== consumer);
  return holders.length === 0 ? undefined : { ...stepper, holders };
}
