import type { OpenEvent } from './internal-types.ts';
import type { PerfOpener } from './opener.ts';
import type { PerfArming } from './session-types.ts';

/** A counter's value with its times. */
export type Count = ReturnType<PerfArming['read']>;

export const noCount: Count = { value: 0n, enabledNs: 0, runningNs: 0 };

export function addCounts(a: Count, b: Count): Count {
  return {
    value: a.value + b.value,
    enabledNs: a.enabledNs + b.enabledNs,
    runningNs: a.runningNs + b.runningNs,
  };
}

/** Events of one thread on different CPUs: each is enabled all the time and runs on its own CPU only. */
export function readThread(opener: PerfOpener, events: readonly OpenEvent[]): Count {
  const counts = events.map(({ fd, members }) => opener.readCount(fd, members.length > 0));
  return {
    value: counts.reduce((sum, { value }) => sum + value, 0n),
    enabledNs: Math.max(...counts.map(({ enabledNs }) => enabledNs)),
    runningNs: counts.reduce((sum, { runningNs }) => sum + runningNs, 0),
  };
}

/** The sum over all threads that events are of. */
export function readThreads(opener: PerfOpener, events: Iterable<OpenEvent>): Count {
  const byTid = new Map<number, OpenEvent[]>();
  for (const event of events) {
    const own = byTid.get(event.tid);
    if (own === undefined) byTid.set(event.tid, [event]);
    else own.push(event);
  }
  let sum = noCount;
  for (const own of byTid.values()) sum = addCounts(sum, readThread(opener, own));
  return sum;
}
