/**
 * What handing an event to another thread costs the thread that posts it: a message to a worker, and
 * a record in a ring that the worker drains meanwhile. Posts are timed; the work between them (with
 * the argument `jobs`) and waiting for the reader are not, so that nothing is lost.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { getRegistry, registerEventType } from '@extension-events/core';
import { createRingBuffer, RingReader } from '@extension-events/core/ring';
import { type Contestant, type ContestOptions, holdContest } from '../contest.ts';
import { serve } from '../serve.ts';

const type = registerEventType({
  name: 'bench.recorded',
  description: 'Recorded for another thread.',
  fields: { host: { type: 'string' }, bytes: { type: 'u32' } },
});
const host = 'db.example.org';
// Between its posts a program works: the reader has gone to sleep by then and must be woken.
const pace =
  process.argv[2] === 'jobs' ? { posts: 10, otherWorkMs: 0.05 } : { posts: 5000, otherWorkMs: 0 };
const unread = 5000; // what may wait for the reader: a quarter of the ring

const ring = createRingBuffer(1024 * 1024); // the agent's default
const reader = new RingReader(ring);
const registry = getRegistry();
registry.setRing(ring);
registry.tap({ mode: 'record', pattern: 'bench.recorded', slot: 0 });

const worker = new Worker(new URL('drain-worker.ts', import.meta.url), {
  workerData: ring,
  execArgv: [],
});
await once(worker, 'message');

/** What has reached the worker by now. */
async function received(): Promise<{ messages: number; records: number }> {
  worker.postMessage('count');
  const [counts] = (await once(worker, 'message')) as [{ messages: number; records: number }];
  return counts;
}

/** A contestant that posts at that pace; it is checked that all was received. */
function poster(
  name: string,
  count: () => Promise<number>,
  post: (from: number, to: number) => void,
  catchUp: () => Promise<unknown>,
): Contestant {
  return {
    name,
    run: async (posts, nowMs) => {
      const before = await count();
      let postedMs = 0;
      let waiting = 0;
      for (let from = 0; from < posts; from += pace.posts) {
        const to = Math.min(from + pace.posts, posts);
        const startMs = nowMs();
        post(from, to);
        postedMs += nowMs() - startMs;
        for (const endMs = performance.now() + pace.otherWorkMs; performance.now() < endMs;);
        waiting += to - from;
        if (waiting < unread) continue;
        await catchUp();
        waiting = 0;
      }
      await catchUp();
      assert.equal((await count()) - before, posts, `${name}: received`);
      return postedMs;
    },
  };
}

const message = poster(
  'worker.postMessage',
  async () => (await received()).messages,
  (from, to) => {
    for (let i = from; i < to; i++) worker.postMessage({ host, bytes: i });
  },
  received,
);

const record = poster(
  'ours',
  async () => (await received()).records,
  (from, to) => {
    for (let i = from; i < to; i++) type.post({ host, bytes: i });
  },
  async () => {
    while (reader.waitingBytes > 0) await delay(1);
    assert.equal(reader.counters(0).lost, 0, 'records lost');
  },
);

serve({ contest: (options: ContestOptions) => holdContest([message, record], options) });
