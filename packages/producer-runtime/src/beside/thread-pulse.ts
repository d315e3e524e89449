import { setTimeout as delay } from 'node:timers/promises';
import { monotonicNs } from '@extension-events/core';
import type { V8Thread } from '@extension-events/platform-v8';
import { createHeartbeat, type Heartbeat } from './heartbeat.ts';
import type { RunningPlace } from '../types.ts';
import type { Captured, Places } from './places.ts';
import { Silence } from './silence.ts';
import type { StallJudge } from './stall-judge.ts';
import { readThreadTime, type ThreadTime } from './thread-time.ts';

/** What is known of a stall when it is told. */
export interface Stall {
  readonly durationMs: number;
  readonly state: 'script' | 'native' | 'waiting';
  readonly cpuMs: number | undefined;
  readonly count: number;
  readonly place: RunningPlace;
  /** The place is where the thread was after the call that answered no interrupt. */
  readonly isAfter: boolean;
}

/** Who wants to be told, and when. */
export interface PulseListener {
  readonly thresholdMs: number;
  readonly judge: StallJudge;
  readonly stalled?: (stall: Stall) => void;
  readonly recovered?: (stall: Stall) => void;
}

interface Answer extends Captured {
  /** It came later than a thread takes that runs JavaScript: after a call that serves no interrupt. */
  readonly isLate: boolean;
}

interface Beating {
  readonly everyMs: number;
  readonly stopped: AbortController;
  /** Once it was told to beat. */
  heartbeat?: Heartbeat;
}

// Accurate to a quarter of the threshold, and never dearer than two hundred beats a second.
const beatsPerThreshold = 4;
const shortestBeatMs = 5;
const longestBeatMs = 100;
// An interrupt of running JavaScript is served at once; on a busy machine the thread may wait for a CPU.
const leastPatienceMs = 50;
const mostPatienceMs = 250;
// A collection of garbage may take some milliseconds of it.
const lateMs = 10;
// It slept for most of the time.
const waitingShare = 0.5;

/**
 * The pulse of one thread: looks at its heartbeat, and when that has stopped for too long, interrupts
 * the thread to see what it is doing.
 *
 * A silent loop alone is no stall: one that has nothing to do may be late too. So a stall is told
 * only when the interrupt found JavaScript running, or was not answered.
 */
export class ThreadPulse {
  readonly #thread: V8Thread;
  readonly #places: Places;
  readonly #listeners: Set<PulseListener> = new Set();
  /** Those that were made for this thread, by their interval. */
  readonly #heartbeats: Map<number, Promise<Heartbeat>> = new Map();
  #beating: Beating | undefined;
  /** What was told of the present stall. */
  #told: Answer | undefined;
  /** The interrupt that a blocked thread has not served yet. */
  #asked: Promise<void> | undefined;
  #answer: Answer | undefined;

  constructor(thread: V8Thread, places: Places) {
    this.#thread = thread;
    this.#places = places;
  }

  /** Resolves when the thread's heart beats often enough for this listener. */
  async add(listener: PulseListener): Promise<Disposable> {
    this.#listeners.add(listener);
    try {
      await this.#adjust();
    } catch (error) {
      this.#listeners.delete(listener);
      throw error;
    }
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener);
        void this.#adjust().catch(() => undefined);
      },
    };
  }

  async #adjust(): Promise<void> {
    const thresholdMs = Math.min(...[...this.#listeners].map((listener) => listener.thresholdMs));
    const everyMs = Math.round(Math.min(Math.max(thresholdMs / beatsPerThreshold, shortestBeatMs), longestBeatMs)); // prettier-ignore
    if (this.#listeners.size > 0 && this.#beating?.everyMs === everyMs) return;
    this.#beating?.stopped.abort();
    // At once: a moment later the session may be closed.
    this.#beating?.heartbeat?.stop();
    this.#beating = undefined;
    if (this.#listeners.size === 0) return;
    const beating: Beating = { everyMs, stopped: new AbortController() };
    this.#beating = beating;
    const { signal } = beating.stopped;
    const heartbeat = await this.#heartbeatOf(everyMs);
    if (signal.aborted) return;
    beating.heartbeat = heartbeat;
    await heartbeat.start();
    if (!signal.aborted) void this.#watch(heartbeat, everyMs, signal);
  }

  async #heartbeatOf(everyMs: number): Promise<Heartbeat> {
    const made = this.#heartbeats.get(everyMs) ?? createHeartbeat(this.#thread, everyMs);
    this.#heartbeats.set(everyMs, made);
    try {
      return await made;
    } catch (error) {
      this.#heartbeats.delete(everyMs);
      throw error;
    }
  }

  async #watch(heartbeat: Heartbeat, everyMs: number, stopped: AbortSignal): Promise<void> {
    const { session, subject } = this.#thread;
    const silence = new Silence(everyMs * beatsPerThreshold, heartbeat.beats, nowMs());
    let since = readThreadTime(subject.tid);
    const hasTurned = (waitedMs: number): boolean => {
      const endedMs = silence.look(heartbeat.beats, nowMs(), this.#thread.isHeld, waitedMs);
      if (endedMs === undefined) return false;
      this.#recover(endedMs, since);
      since = readThreadTime(subject.tid);
      return true;
    };
    while (!stopped.aborted && !session.isClosed) {
      await delay(everyMs, undefined, { ref: false });
      if (hasTurned(0) || !this.#isAnyDue(silence.lengthMs)) continue;
      const patienceMs = Math.min(Math.max(silence.lengthMs / 2, leastPatienceMs), mostPatienceMs);
      const answer = await this.#look(patienceMs);
      if (hasTurned(patienceMs) || this.#thread.isHeld) continue;
      // An idle loop that answers is no stall; one that was told is over, and about to turn.
      if (answer?.isRunning === false) {
        if (!this.#wasTold) silence.restart();
      } else this.#tell(silence.lengthMs, since, answer);
    }
  }

  get #wasTold(): boolean {
    return [...this.#listeners].some(({ judge }) => judge.count > 0);
  }

  #isAnyDue(silentMs: number): boolean {
    return [...this.#listeners].some(({ judge }) => judge.isDue(silentMs));
  }

  #tell(silentMs: number, since: ThreadTime | undefined, answer: Answer | undefined): void {
    const stall = this.#describe(silentMs, since, answer);
    this.#told = answer ?? this.#told;
    for (const { judge, stalled } of this.#listeners) {
      if (!judge.isDue(silentMs)) continue;
      judge.told(silentMs);
      stalled?.({ ...stall, count: judge.count });
    }
  }

  // At most one interrupt is under way: a native call serves none until it is over.
  async #look(patienceMs: number): Promise<Answer | undefined> {
    this.#answer = this.#asked === undefined ? undefined : this.#answer;
    this.#asked ??= this.#ask();
    await Promise.race([this.#asked, delay(patienceMs, undefined, { ref: false })]);
    return this.#asked === undefined ? this.#answer : undefined;
  }

  async #ask(): Promise<void> {
    const { tid } = this.#thread.subject;
    const before = readThreadTime(tid);
    try {
      const answer = await this.#places.capture(this.#thread);
      const isLate = answer.latencyMs - queuedMs(before, readThreadTime(tid)) > lateMs;
      this.#answer = { ...answer, isLate };
    } catch {
      // It has ended.
    } finally {
      this.#asked = undefined;
    }
  }

  #recover(durationMs: number, since: ThreadTime | undefined): void {
    // One that came too late to be told still shows what the thread came to next.
    const stall = this.#describe(durationMs, since, this.#told ?? this.#answer);
    this.#told = undefined;
    this.#answer = undefined;
    for (const { judge, recovered } of this.#listeners) {
      const count = judge.turned();
      if (count > 0) recovered?.({ ...stall, count });
    }
  }

  #describe(durationMs: number, since: ThreadTime | undefined, answer: Answer | undefined): Stall {
    const now = readThreadTime(this.#thread.subject.tid);
    const cpuMs = now === undefined || since === undefined ? undefined : now.cpuMs - since.cpuMs;
    const wantedMs =
      now === undefined || since === undefined ? durationMs : now.wantedMs - since.wantedMs;
    const isWaiting =
      answer?.place.native === 'Atomics.wait' || wantedMs < durationMs * waitingShare;
    const isLate = answer?.isLate === true;
    const state = isWaiting ? 'waiting' : answer === undefined || isLate ? 'native' : 'script';
    return { durationMs, state, cpuMs, count: 0, place: answer?.place ?? {}, isAfter: isLate };
  }
}

/** How long it has waited for a processor meanwhile. */
function queuedMs(from: ThreadTime | undefined, to: ThreadTime | undefined): number {
  if (from === undefined || to === undefined) return 0;
  return to.wantedMs - from.wantedMs - (to.cpuMs - from.cpuMs);
}

function nowMs(): number {
  return monotonicNs() / 1e6;
} // prettier-ignore
