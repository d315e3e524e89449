/** A process that does nothing but aggregate what it hears from another one, in one of several ways. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { bufferTime, filter, groupBy, mergeMap, type Observable, Subject } from 'rxjs';
import { createProfilerGraph, type Histogram, type Incidents } from '@extension-events/consumer-profiler-graph'; // prettier-ignore
import { type EventItem, openSession, type Session } from '@extension-events/session';
import { serve } from '../serve.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const field = 'durationNs';

/** What became of events. */
export interface Counted {
  readonly events: number;
  readonly lost: number;
}

/** What one way of aggregating has counted, and how it ends. */
interface Running {
  /** Events that are in its figures, and events that did not get through to it. */
  counted(): Counted;
  close(): Promise<void>;
}

type Way = (session: Session, pattern: string) => Promise<Running>;

/** Series, one field's distribution and the newest incidents, each told five times a second. */
const graph: Way = async (session, pattern) => {
  const profiler = createProfilerGraph(session);
  let histogram: Histogram | undefined;
  let incidents: Incidents | undefined;
  const spec = { pattern };
  const ready = new Subject<void>();
  let lost = 0;
  profiler.state(spec).subscribe(({ parts, summary }) => {
    lost = summary.lost;
    if (parts.some(({ state }) => state === 'listening')) ready.complete();
  });
  profiler.series(spec, { range: { lastMs: 60_000 } }).subscribe();
  profiler.histogram(spec, { field }).subscribe((now) => (histogram = now));
  profiler.incidents(spec).subscribe((now) => (incidents = now));
  await new Promise<void>((resolve) => {
    ready.subscribe({ complete: resolve });
  });
  return {
    counted: () => ({ events: Math.min(histogram?.count ?? 0, incidents?.total ?? 0), lost }),
    close: () => profiler.close(),
  };
};

/** As one writes it with rxjs in an afternoon: groups, buffers of 200 ms, sorted numbers. */
const naive: Way = async (session, pattern) => {
  const listening = session.openListening({ pattern });
  let counted = 0;
  let newest: EventItem[] = [];
  const series = new Map<string, number>();
  const last: number[] = [];
  const quantiles: number[] = [];
  const events$ = listening.items$.pipe(filter((item) => item.kind === 'event')) as Observable<EventItem>; // prettier-ignore
  const subscription = events$
    .pipe(
      groupBy((item) => item.event),
      mergeMap((group) => group.pipe(bufferTime(200))),
    )
    .subscribe((items) => {
      for (const item of items) {
        const key = `${item.event} ${Math.floor(item.timestampNs / 5e8)}`;
        series.set(key, (series.get(key) ?? 0) + 1);
        if (series.size > 120) series.delete(series.keys().next().value ?? '');
        last.push(item.payload[field] as number);
      }
      newest = [...newest, ...items].slice(-1000);
      last.splice(0, last.length - 100_000);
      const sorted = last.toSorted((a, b) => a - b);
      for (const at of [0.5, 0.9, 0.99]) quantiles.push(sorted[Math.floor(sorted.length * at)] ?? 0); // prettier-ignore
      quantiles.splice(0, quantiles.length - 100);
      counted += items.length;
    });
  await listening.ready;
  return {
    counted: () => ({ events: counted, lost: listening.summary.lost }),
    close: async () => {
      await listening.unlisten();
      subscription.unsubscribe();
    },
  };
};

const bounds = Array.from({ length: 21 }, (_, i) => 10 ** (3 + i / 4));

/** A counter and a histogram of fixed buckets with labels, as metric libraries have them. No tail, no time. */
const metrics: Way = async (session, pattern) => {
  const listening = session.openListening({ pattern });
  let counted = 0;
  const series = new Map<string, { count: number; sum: number; buckets: number[] }>();
  listening.items$.subscribe((item) => {
    if (item.kind === 'loss') return;
    const key = `event:${item.event},pid:${item.pid},tid:${item.tid}`;
    let one = series.get(key);
    if (one === undefined) series.set(key, (one = { count: 0, sum: 0, buckets: bounds.map(() => 0) })); // prettier-ignore
    const value = item.payload[field] as number;
    const at = bounds.findIndex((bound) => value <= bound);
    one.buckets[at] = (one.buckets[at] ?? 0) + 1;
    one.count++;
    one.sum += value;
    counted++;
  });
  await listening.ready;
  return {
    counted: () => ({ events: counted, lost: listening.summary.lost }),
    close: async () => void (await listening.unlisten()),
  };
};

/** Only listens: what reading and decoding cost. */
const listen: Way = async (session, pattern) => {
  const listening = session.openListening({ pattern });
  let counted = 0;
  listening.items$.subscribe((item) => (counted += item.kind === 'event' ? 1 : 0));
  await listening.ready;
  return {
    counted: () => ({ events: counted, lost: listening.summary.lost }),
    close: async () => void (await listening.unlisten()),
  };
};

const ways: Readonly<Record<string, Way>> = { graph, naive, metrics, listen };
let session: Session | undefined;
let running: Running | undefined;

serve({
  attach: async (pid: number): Promise<void> => {
    session = await openSession({ name: 'bench', lookMs: 1000 });
    await session.attach(pid);
  },
  start: async ({ way, pattern }: { way: string; pattern: string }): Promise<void> => {
    const run = ways[way];
    if (session === undefined || run === undefined) throw new Error(`no way ${way}`);
    running = await run(session, pattern);
  },
  /** Microseconds of processor time of this process so far. */
  cpu: (): number => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  counted: (): Counted => running?.counted() ?? { events: 0, lost: 0 },
  /** Bytes in use when all garbage is gone. */
  heap: (): number => {
    collect();
    const { external, heapUsed } = process.memoryUsage();
    return heapUsed + external;
  },
  stop: async (): Promise<void> => {
    await running?.close();
    running = undefined;
  },
});
