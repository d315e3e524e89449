import { performance } from 'node:perf_hooks';
import { readLiveStartTime } from './proc.ts';
import { refusals } from './refusals.ts';

/** The steps of an attach, in order; error messages name them. */
export type AttachStep =
  | 'look at the process'
  | 'look for a running agent'
  | 'wait for the attach lock'
  | 'wait for the inspector port'
  | 'signal'
  | 'wait for the inspector'
  | 'connect to the inspector'
  | 'start the agent thread'
  | 'close the inspector'
  | 'wait for the agent';

/** What limits an attach from outside. */
export interface ProgressOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called as each step begins; tests kill the target here. */
  readonly onStep?: ((step: AttachStep) => void | Promise<void>) | undefined;
}

const firstPauseMs = 1;
const longestPauseMs = 25;

/** Where an attach stands and how long it may still take. Every wait of an attach goes through here. */
export class AttachProgress {
  readonly pid: number;
  readonly timeoutMs: number;
  step: AttachStep = 'look at the process';
  readonly #deadline: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onStep: ProgressOptions['onStep'];
  readonly #startTime: number | undefined;

  constructor(pid: number, options: ProgressOptions) {
    this.pid = pid;
    this.timeoutMs = options.timeoutMs;
    this.#deadline = performance.now() + options.timeoutMs;
    this.#signal = options.signal;
    this.#onStep = options.onStep;
    this.#startTime = readLiveStartTime(pid);
  }

  async enter(step: AttachStep): Promise<void> {
    this.step = step;
    await this.#onStep?.(step);
    this.check();
  }

  /** Time left, at least 1 so that it can be given to functions to which 0 means forever. */
  remainingMs(limitMs: number = Number.POSITIVE_INFINITY): number {
    return Math.max(1, Math.min(limitMs, this.#deadline - performance.now()));
  }

  /** The pid still means the process that the attach began with. */
  isAlive(): boolean {
    const now = readLiveStartTime(this.pid);
    return now !== undefined && now === this.#startTime;
  }

  /** Throws when the caller gave up, the process is gone, or the time is over. */
  check(detail?: string): void {
    if (this.#signal?.aborted === true) {
      throw refusals.aborted(this.pid, this.step, this.#signal.reason);
    }
    if (!this.isAlive()) throw refusals.noProcess(this.pid, this.step);
    if (performance.now() >= this.#deadline) {
      throw refusals.timeout(this.pid, this.step, this.timeoutMs, detail);
    }
  }

  /** Waits for a promise no longer than the attach may take; the promise itself goes on. */
  async within<T>(promise: Promise<T>, detail?: string): Promise<T> {
    promise.catch(() => undefined);
    const settled = promise.then(
      () => true,
      () => true,
    );
    // Woken now and then for the sake of a caller that gave up or a process that vanished.
    await this.poll(() => settled, undefined, detail);
    return promise;
  }

  /**
   * Asks again and again, first after 1 ms, then less often.
   *
   * @returns The first answer that is neither `undefined` nor false; `undefined` after `limitMs`.
   */
  async poll<T>(
    ask: () => T | undefined | false | Promise<T | undefined | false>,
    limitMs?: number,
    detail?: string,
  ): Promise<T | undefined> {
    const end = limitMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + limitMs;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
      this.check(detail);
      const answer = await raceTimer(ask(), longestPauseMs);
      if (answer !== undefined && answer !== false) return answer;
      if (performance.now() >= end) return undefined;
      await delay(pauseMs);
    }
  }
}

// A question that is itself a long wait must not keep check() from being made.
async function raceTimer<T>(asked: T | Promise<T>, ms: number): Promise<T | undefined> {
  if (!(asked instanceof Promise)) return asked;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves after a time. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
