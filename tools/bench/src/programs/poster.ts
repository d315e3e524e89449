/** An ordinary program that posts: what is attached to from outside. It knows nothing of agents. */
import { setTimeout } from 'node:timers/promises';
import { monotonicNs, registerEventType } from '@extension-events/core';
import { threadMs } from '../contest.ts';
import { serve } from '../serve.ts';

const type = registerEventType({
  name: 'bench.sent',
  description: 'Posted by the benchmark as often as it is told to.',
  fields: { host: { type: 'string' }, bytes: { type: 'u32', unit: 'By' } },
});
const hosts = ['db-1.example.org', 'db-2.example.org', 'cache.example.org', 'www.example.org'];
const mostAtOnceMs = 5;
let next = 0;

/** What came of posting for a while. */
export interface Posted {
  readonly posted: number;
  readonly fromNs: number;
  readonly toNs: number;
}

function post(count: number): void {
  for (let i = 0; i < count; i++, next = (next + 1) & 0xffffff) {
    type.post({ host: hosts[next & 3] ?? '', bytes: next });
  }
}

serve({
  /** Posts as fast as it can, without ever yielding. */
  flood: (forMs: number): Posted => {
    const fromNs = monotonicNs();
    let posted = 0;
    let toNs = fromNs;
    for (; toNs - fromNs < forMs * 1e6; toNs = monotonicNs(), posted += 500) post(500);
    return { posted, fromNs, toNs };
  },
  /** Posts at a steady rate by a timer, in batches of a millisecond or two. */
  pace: async ({ perSecond, forMs }: { perSecond: number; forMs: number }): Promise<Posted> => {
    const fromNs = monotonicNs();
    let posted = 0;
    let toNs = fromNs;
    while (toNs - fromNs < forMs * 1e6) {
      const behind = Math.floor(((monotonicNs() - fromNs) / 1e9) * perSecond) - posted;
      // After a long wait for the processor it catches up bit by bit, not with more than a ring holds.
      const due = Math.min(behind, perSecond * (mostAtOnceMs / 1000));
      post(due);
      posted += due;
      await setTimeout(1);
      toNs = monotonicNs();
    }
    return { posted, fromNs, toNs };
  },
  /** Nanoseconds of processor time that one post takes. */
  time: (count: number): number => {
    const startMs = threadMs();
    post(count);
    return ((threadMs() - startMs) * 1e6) / count;
  },
  /** Posts once, on a stack that ends here. */
  once: () => post(1),
});
