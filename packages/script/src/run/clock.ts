import { monotonicNs } from '@extension-events/core';

/** The time that a run goes by; tests have one of their own. */
export interface RunClock {
  /** CLOCK_MONOTONIC: writes of the coordinator are compared with those of threads. */
  nowNs(): number;
  wallMs(): number;
  /** Calls back after a while; what is returned calls it off. */
  after(delayMs: number, callback: () => void): () => void;
}

export const systemClock: RunClock = {
  nowNs: monotonicNs,
  wallMs: Date.now,
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
