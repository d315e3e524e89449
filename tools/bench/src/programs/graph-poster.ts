/** An ordinary program that posts at a steady rate: events of two fields, or such as a web server's. */
import { setTimeout } from 'node:timers/promises';
import { monotonicNs, registerEventType } from '@extension-events/core';
import { serve } from '../serve.ts';

const small = registerEventType({
  name: 'bench.small',
  description: 'Posted by the benchmark.',
  fields: { host: { type: 'string' }, durationNs: { type: 'f64', unit: 'ns' } },
});
const wide = registerEventType({
  name: 'bench.wide',
  description: 'Posted by the benchmark: the fields of a request.',
  fields: {
    requestId: { type: 'u32' },
    method: { type: 'string' },
    host: { type: 'string', optional: true },
    path: { type: 'string' },
    httpVersion: { type: 'string', optional: true },
    protocol: { type: 'string', optional: true },
    localPort: { type: 'u16', optional: true },
    remoteAddress: { type: 'string', optional: true },
    remotePort: { type: 'u16', optional: true },
    statusCode: { type: 'u16' },
    durationNs: { type: 'f64', unit: 'ns' },
  },
});
const hosts = ['db-1.example.org', 'db-2.example.org', 'cache.example.org', 'www.example.org'];
const paths = ['/', '/items', '/items/17', '/users/by-name/a-longer-name', '/login'];
const mostAtOnceMs = 5;
const flushMs = 200;
let next = 0;

// Spread over five powers of ten, in no order, and the same each time.
const durationNs = (n: number): number => 10 ** (3 + ((n * 2_654_435_761) % 5000) / 1000);

function post(count: number, isWide: boolean): void {
  for (let i = 0; i < count; i++, next = (next + 1) & 0xffffff) {
    const host = hosts[next & 3] ?? '';
    if (!isWide) small.post({ host, durationNs: durationNs(next) });
    else {
      wide.post({
        requestId: next,
        method: 'GET',
        host,
        path: paths[next % 5] ?? '/',
        httpVersion: '1.1',
        protocol: 'tcp',
        localPort: 8080,
        remoteAddress: '192.0.2.17',
        remotePort: 40_000 + (next & 1023),
        statusCode: 200,
        durationNs: durationNs(next),
      });
    }
  }
}

/** What to post. */
export interface Pace {
  readonly perSecond: number;
  readonly forMs: number;
  readonly isWide: boolean;
}

serve({
  /** Posts by a timer, in batches of a millisecond or two; resolves with the number of posts. */
  pace: async ({ perSecond, forMs, isWide }: Pace): Promise<number> => {
    const fromNs = monotonicNs();
    let posted = 0;
    for (let nowNs = fromNs; nowNs - fromNs < forMs * 1e6; nowNs = monotonicNs()) {
      const behind = Math.floor(((nowNs - fromNs) / 1e9) * perSecond) - posted;
      // After a long wait for the processor it catches up bit by bit, not with more than a ring holds.
      const due = Math.min(behind, perSecond * (mostAtOnceMs / 1000));
      post(due, isWide);
      posted += due;
      await setTimeout(1);
    }
    // A loss is told before the next record: there is to be one.
    await setTimeout(flushMs);
    post(1, isWide);
    return posted + 1;
  },
});
