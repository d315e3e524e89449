import type { Protocol } from 'devtools-protocol/types/protocol.js';
import { evaluateSnippet } from './evaluate.ts';
import type { CdpSession } from './host.ts';
import { parseProfile } from './profile-window.ts';
import type { ProfileWindow } from './profile-window.ts';

/** How fast to sample and how often to hand samples on. */
export interface RollingProfileOptions {
  readonly frequencyHz: number;
  /** Time between two windows; each costs a serialisation in the profiled thread. 250 ms when left out. */
  readonly rollMs?: number;
}

/** A profile that is always active until it is stopped. */
export interface RollingProfile {
  /** Resolves when the profiler of the thread is off, or the session has closed. Idempotent. */
  stop(): Promise<void>;
  /** Resolves when a window that ends after the call was handed on, or the session has closed. */
  roll(): Promise<void>;
}

const defaultRollMs = 250;

let profiles = 0;
// Ending switches the session's profiler off, but not under another profile that began meanwhile.
const running = new WeakMap<CdpSession, number>();

function count(session: CdpSession, change: 1 | -1): number {
  const now = (running.get(session) ?? 0) + change;
  running.set(session, now);
  return now;
}

/**
 * Samples a thread without a gap and calls `onWindow` with each window of samples.
 *
 * One profile is active at any moment, so that V8 never forgets code: the next one starts before
 * the last one ends. (With `Profiler.start`/`stop` cycles, code that was optimized on stack in between would be
 * charged to its caller for ever.) Code optimized before the first start stays charged to its
 * caller; see {@link captureStacks} for the remedy. Times are CLOCK_MONOTONIC, as `process.hrtime`.
 *
 * Profiles of one session share the sampling interval of the first. Other people's `console.profile` are
 * left alone.
 */
export async function startRollingProfile(
  session: CdpSession,
  options: RollingProfileOptions,
  onWindow: (window: ProfileWindow) => void,
): Promise<RollingProfile> {
  const rolling = new Rolling(session, options.rollMs ?? defaultRollMs, onWindow);
  try {
    await rolling.start(options.frequencyHz);
  } catch (error) {
    await rolling.stop();
    throw error;
  }
  return rolling;
}

class Rolling implements RollingProfile {
  readonly #session: CdpSession;
  readonly #rollMs: number;
  readonly #onWindow: (window: ProfileWindow) => void;
  readonly #prefix = `extension-events-${process.pid}-${++profiles}:`;
  #listening: Disposable | undefined;
  #timer: NodeJS.Timeout | undefined;
  #rolling: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #number = 0;

  constructor(session: CdpSession, rollMs: number, onWindow: (window: ProfileWindow) => void) {
    this.#session = session;
    this.#rollMs = rollMs;
    this.#onWindow = onWindow;
  }

  async start(frequencyHz: number): Promise<void> {
    count(this.#session, 1);
    await this.#session.post('Profiler.enable');
    // Refused while somebody else's profile runs in this session: then that one's interval is used.
    await this.#session
      .post('Profiler.setSamplingInterval', { interval: Math.round(1e6 / frequencyHz) })
      .catch(() => undefined);
    this.#listening = this.#session.on('Profiler.consoleProfileFinished', (event) => {
      this.#finished(event);
    });
    await this.#console(`c.profile(${this.#title(0)})`);
    this.#schedule();
  }

  async roll(): Promise<void> {
    await this.#rolling;
    this.#rolling = this.#rollOnce().finally(() => {
      this.#rolling = undefined;
    });
    await this.#rolling;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  #schedule(): void {
    if (this.#stopping !== undefined || this.#session.isClosed) return;
    // A chain of timers, not an interval: a thread that does not answer gets no queue of requests.
    this.#timer = setTimeout(() => {
      // Whatever went wrong, the next roll is tried as long as the session is open.
      void this.roll()
        .catch(() => undefined)
        .finally(() => this.#schedule());
    }, this.#rollMs);
  }

  async #rollOnce(): Promise<void> {
    if (this.#stopping !== undefined) return;
    const last = this.#number++;
    await this.#console(`c.profile(${this.#title(last + 1)});c.profileEnd(${this.#title(last)})`);
  }

  async #end(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      await this.#rolling;
      // profileEnd reaches every session, also those that profile() reached; disable only ours.
      await this.#console(`c.profileEnd(${this.#title(this.#number)})`);
    } catch {
      // Closing a session ends its profiles.
    }
    if (count(this.#session, -1) === 0) {
      await this.#session.post('Profiler.disable').catch(() => undefined);
    }
    this.#listening?.[Symbol.dispose]();
  }

  #finished({ title, profile }: Protocol.Profiler.ConsoleProfileFinishedEvent): void {
    if (title?.startsWith(this.#prefix) !== true) return;
    if (this.#stopping === undefined) this.#onWindow(parseProfile(profile));
  }

  #title(number: number): string {
    return JSON.stringify(this.#prefix + number);
  }

  // The console of node:inspector, not the global one or the command line's `profile`: programs replace both.
  async #console(code: string): Promise<void> {
    await evaluateSnippet(
      this.#session,
      'rolling-profile',
      `{const c=process.getBuiltinModule('node:inspector').console;${code}}`,
    );
  }
}
