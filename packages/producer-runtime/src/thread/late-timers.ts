import { createHook, executionAsyncResource } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import type { Arming } from '@extension-events/core';
import type { TimerLatePayload } from '../types.ts';

/** What `timer.late` is armed with. */
export interface LateRequest {
  readonly thresholdMs: number;
}

type LateArming = Pick<Arming<TimerLatePayload, LateRequest>, 'post' | 'request'>;

/** Node's Timeout, as far as it has been the same in every release: lib/internal/timers.js. */
interface Timeout {
  /** When it was set, in milliseconds of libuv's clock. */
  readonly _idleStart: unknown;
  readonly _idleTimeout: unknown;
  readonly _onTimeout: unknown;
  readonly _repeat: unknown;
}

/**
 * Looks at each timer just before it fires.
 *
 * Neither timer functions nor timers are touched: an async hook is told of everything that is about
 * to run, and what it belongs to. That makes every callback and promise of the thread dearer while
 * somebody hears, and costs nothing before and after.
 */
export class LateTimers {
  readonly #armings: Set<LateArming> = new Set();
  readonly #sample: object = createSample();
  readonly #hook: ReturnType<typeof createHook> = createHook({ before: () => this.#before() });
  #clockMs = 0;

  add(arming: LateArming): Disposable {
    if (this.#armings.size === 0) this.#start();
    this.#armings.add(arming);
    return {
      [Symbol.dispose]: () => {
        if (this.#armings.delete(arming) && this.#armings.size === 0) this.#hook.disable();
      },
    };
  }

  // A timer that is set reads libuv's clock, in whole milliseconds: how far is ours ahead of it?
  #start(): void {
    const timer = setTimeout(nothing, 1e6);
    const { _idleStart: startMs } = timer as unknown as Timeout;
    this.#clockMs = performance.now() - Number(startMs);
    clearTimeout(timer);
    this.#hook.enable();
  }

  // An exception here would end the process (Node's rule for async hooks).
  #before(): void {
    try {
      const resource = executionAsyncResource();
      if (Object.getPrototypeOf(resource) === this.#sample) this.#look(resource as Timeout);
    } catch {
      // a timer that cannot be read is none that we know
    }
  }

  #look(timer: Timeout): void {
    const { _idleStart: startMs, _idleTimeout: delayMs, _onTimeout: callback, _repeat: repeatMs } = timer; // prettier-ignore
    if (typeof startMs !== 'number' || typeof delayMs !== 'number') return;
    const lateMs = performance.now() - this.#clockMs - startMs - delayMs;
    for (const { post, request } of this.#armings) {
      if (lateMs < request.thresholdMs) continue;
      const name: unknown = typeof callback === 'function' ? Object.getOwnPropertyDescriptor(callback, 'name')?.value : ''; // prettier-ignore
      post({ delayMs, lateMs, callback: typeof name === 'string' && name !== '' ? name : '(anonymous)', isInterval: repeatMs !== null }); // prettier-ignore
    }
  }
}

function createSample(): object {
  const timer = setTimeout(nothing, 1e6);
  clearTimeout(timer);
  return Object.getPrototypeOf(timer) as object;
}

function nothing(): void {
  // never called
}
