/**
 * What handing an event to another thread costs the thread that posts it: a message to a worker, and
 * a record in a ring that the worker drains meanwhile. Bursts are timed; waiting for the reader
 * between them is not, so that nothing is lost and both do all their work.
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
const burst = 5000;

const ring = createRingBuffer(1024 * 1024); // the agent's default
const reader = new RingReader(ring);
const registry = getRegistry();
registry.setRing(ring);
const tap = registry.tap({ mode: 'record', pattern: 'bench.recorded', slot: 0 });

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

const message: Contestant = {
  name: 'worker.postMessage',
  run: async (count, nowMs) => {
    const before = (await received()).messages;
    let postedMs = 0;
    for (let from = 0; from < count; from += burst) {
      const to = Math.min(from + burst, count);
      const startMs = nowMs();
      for (let i = from; i < to; i++) worker.postMessage({ host, bytes: i });
      postedMs += nowMs() - startMs;
      await received();
    }
    assert.equal((await received()).messages - before, count, 'messages received');
    return postedMs;
  },
};

const record: Contestant = {
  name: 'ours',
  run: async (count, nowMs) => {
    const before = (await received()).records;
    const lostBefore = reader.counters(0).lost;
    let postedMs = 0;
    for (let from = 0; from < count; from += burst) {
      const to = Math.min(from + burst, count);
      const startMs = nowMs();
      for (let i = from; i < to; i++) type.post({ host, bytes: i });
      postedMs += nowMs() - startMs;
      while (reader.waitingBytes > 0) await delay(1);
    }
    assert.equal((await received()).records - before, count, 'records received');
    assert.equal(reader.counters(0).lost, lostBefore, 'records lost');
    return postedMs;
  },
};

serve({
  contest: (options: ContestOptions) => holdContest([message, record], options),
  accounts: () => ({ ...reader.counters(0), tap: tap.account }),
});
