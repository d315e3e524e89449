/**
 * A program that computes all the time and counts what it has done, a millisecond or two between
 * turns of its event loop. It runs on many functions of equal weight, or on one that is hot.
 */
import { setImmediate } from 'node:timers/promises';
import { monotonicNs } from '@extension-events/core';
import { threadMs } from '../contest.ts';
import { serve } from '../serve.ts';

/** What was done until now, and the processor time that it took this thread. */
export interface Progress {
  readonly units: number;
  readonly threadMs: number;
  readonly processMs: number;
  readonly wallMs: number;
}

const spreadOver = 64;

// Functions of their own in the eyes of a profiler; none has more than a 64th of the samples.
const cold = Array.from({ length: spreadOver }, (_, i) => {
  // oxlint-disable-next-line typescript/no-implied-eval -- a constant text but for its number
  return new Function('seed', `${work.toString().replace('work', `cold${i}`)}\nreturn cold${i}(seed)`) as typeof work; // prettier-ignore
});

// The mix of a server: numbers, strings, short-lived objects.
function work(seed: number): number {
  let sum = seed;
  for (let i = 0; i < 200; i++) {
    const order = { id: sum & 1023, name: `order-${i}`, price: (sum % 97) + 1 };
    for (let k = 0; k < 8; k++) sum = (sum * 31 + order.price * k + order.name.length) | 0;
    sum ^= order.id;
  }
  return sum;
}

let units = 0;
let sum = 1;
let isHot = false;

async function run(): Promise<never> {
  for (;;) {
    for (let i = 0; i < spreadOver; i++, units++) sum = isHot ? work(sum) : (cold[i]?.(sum) ?? sum);
    await setImmediate();
  }
}

serve({
  progress: (): Progress => {
    const { user, system } = process.cpuUsage();
    const processMs = (user + system) / 1000;
    return { units, threadMs: threadMs(), processMs, wallMs: performance.now() };
  },
  /** Turns to the hot function or away from it; returns when. */
  heat: (hot: boolean): number => {
    isHot = hot;
    return monotonicNs();
  },
});

void run();
