/**
 * Posts that nobody hears. Run as `off-path.ts cold`, in a process that never heard an event, or
 * `off-path.ts warm`, after a listener of each contestant came and went: V8 knows the slow path then.
 */
import { channel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import { registerEventType } from '@extension-events/core';
import { type Contestant, type ContestOptions, holdContest } from '../contest.ts';
import { serve } from '../serve.ts';

const type = registerEventType({
  name: 'bench.off-path',
  description: 'Posted in a tight loop while nobody listens.',
  fields: { value: { type: 'u32' } },
});
const messages = channel('bench.off-path');
const emitter = new EventEmitter();
const constantPayload = { value: 13 };

function empty(_payload: object): void {}

// Each loop carries a sum that is checked below, so that V8 cannot leave the loop out. The bodies
// are written out: a shared loop taking a callback would time the callback.
const loops: Readonly<Record<string, (from: number, to: number) => number>> = {
  'empty call': (from, to) => {
    let sum = 0;
    for (let i = from; i < to; i++) {
      sum = (sum + i) | 0;
      empty(constantPayload);
    }
    return sum;
  },
  'diagnostics_channel, if (hasSubscribers)': (from, to) => {
    let sum = 0;
    for (let i = from; i < to; i++) {
      sum = (sum + i) | 0;
      if (messages.hasSubscribers) messages.publish({ value: i });
    }
    return sum;
  },
  'diagnostics_channel publish': (from, to) => {
    let sum = 0;
    for (let i = from; i < to; i++) {
      sum = (sum + i) | 0;
      messages.publish({ value: i });
    }
    return sum;
  },
  'EventEmitter emit': (from, to) => {
    let sum = 0;
    for (let i = from; i < to; i++) {
      sum = (sum + i) | 0;
      emitter.emit('bench', { value: i });
    }
    return sum;
  },
  'ours, constant payload': (from, to) => {
    let sum = 0;
    for (let i = from; i < to; i++) {
      sum = (sum + i) | 0;
      type.post(constantPayload);
    }
    return sum;
  },
  'ours, object literal': (from, to) => {
    let sum = 0;
    for (let i = from; i < to; i++) {
      sum = (sum + i) | 0;
      type.post({ value: i });
    }
    return sum;
  },
  'ours, if (hasListeners)': (from, to) => {
    let sum = 0;
    for (let i = from; i < to; i++) {
      sum = (sum + i) | 0;
      if (type.hasListeners) type.post({ value: i });
    }
    return sum;
  },
};

// A function that is called once, for long, is compiled on stack, without knowing its closure; the
// functions of a program are called again and again.
const callPosts = 1000;

const contestants: readonly Contestant[] = Object.entries(loops).map(([name, loop]) => ({
  name,
  run: (count) => {
    let sum = 0;
    for (let from = 0; from < count; from += callPosts)
      sum = (sum + loop(from, Math.min(from + callPosts, count))) | 0;
    if (sum !== sumBelow(count)) throw new Error(`the loop of ${name} did not run ${count} times`);
  },
}));

/** What every loop must come to: 0 + 1 + … + (count - 1), as a 32-bit integer. */
function sumBelow(count: number): number {
  return Number(BigInt.asIntN(32, (BigInt(count) * BigInt(count - 1)) / 2n));
}

/** Runs every loop with a listener and returns how often each was heard: the posts are really there. */
async function hear(count: number): Promise<Record<string, number>> {
  let heard = 0;
  const onEvent = (): void => void heard++;
  messages.subscribe(onEvent);
  emitter.on('bench', onEvent);
  const listening = type.listen(onEvent);
  const counts: Record<string, number> = {};
  for (const [name, loop] of Object.entries(loops)) {
    heard = 0;
    for (let from = 0; from < count; from += callPosts) {
      loop(from, from + callPosts);
      await Promise.resolve().then(() => undefined); // the safe point
    }
    counts[name] = heard;
  }
  messages.unsubscribe(onEvent);
  emitter.off('bench', onEvent);
  listening.unlisten();
  return counts;
}

if (process.argv[2] === 'warm') await hear(100_000);

serve({
  contest: (options: ContestOptions) => holdContest(contestants, options),
  hear,
});
