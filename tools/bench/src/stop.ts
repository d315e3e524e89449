import assert from 'node:assert/strict';
import { monotonicNs } from '@extension-events/core';
import type { Connection } from '@extension-events/session';
import { filter, firstValueFrom, map, timeout } from 'rxjs';
import { attachTo } from './attached.ts';
import { type Benchmark, setGoal } from './benchmark.ts';
import { summarize } from './measure.ts';

const giveUpMs = 10_000;

/** From a post that a catchpoint matches to the stop in the hands of the debugger. */
export const stop: Benchmark = {
  name: 'stop',
  run: async (settings) => {
    await using target = await attachTo('poster', ['stop']);
    const { connection, program } = target;
    await connection.open({ pattern: 'bench.sent', catch: {} }).ready;
    const tookMs: number[] = [];
    for (let round = -1; round < settings.rounds; round++) {
      const stopped = nextStop(connection);
      const posted = program.ask('once');
      const { fromNs, atNs, thread } = await stopped;
      await connection.debug('continue', {}, thread);
      await posted;
      if (round >= 0) tookMs.push((atNs - fromNs) / 1e6); // the first sets up more than a stop
    }
    assert.equal(tookMs.length, settings.rounds, 'each post stopped the thread once');
    const figure = summarize(tookMs);
    return {
      title: 'Post to stopped',
      rows: [{ name: 'time of the post to the stop at the debugger', figure, unit: 'ms' }],
      goals: [setGoal('post to stopped', figure, 'ms', { atMost: 20 })],
      notes: [
        'The debugger is another process; the stop has its payload, and its frames with their scopes.',
      ],
    };
  },
};

interface Stopped {
  readonly fromNs: number;
  readonly atNs: number;
  readonly thread: number;
}

function nextStop(connection: Connection): Promise<Stopped> {
  return firstValueFrom(
    connection.stops$.pipe(
      filter(({ cause }) => cause?.type === 'event'),
      map(({ cause, thread }) => {
        const fromNs = cause?.type === 'event' ? cause.timestampNs : Number.NaN;
        return { fromNs, atNs: monotonicNs(), thread };
      }),
      timeout(giveUpMs),
    ),
  );
}
