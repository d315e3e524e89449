/**
 * A graph without any process: what it shows is computed from the time alone, so that a picture of
 * the page at a given time is always the same. For tests and for work on the page.
 */
import { BehaviorSubject, interval, map, type Observable, startWith, throwError } from 'rxjs';
import { ExtensionEventError } from '@extension-events/core';
import type { FlameGraph, HeatMap, Histogram, Incidents, ProcessNode, Series, SeriesLine, SourceSpec, SourceState, TimeRange, TopValues } from '../graph-types.ts'; // prettier-ignore
import type { ProfilerGraph } from '../profiler-graph.ts';
import { fakeCatalogue } from './fake-catalogue.ts';
import { fakeFlames } from './fake-flames.ts';
import { fakeIncident, fakeStack } from './fake-incidents.ts';
import { fakeProcesses } from './fake-processes.ts';
import { countBetween, eventsOf, random } from './fake-rates.ts';

const lineOf = (key: string, label: string, list: number[]): SeriesLine => ({ key, label, counts: list, total: list.reduce((a, b) => a + b, 0) }); // prettier-ignore
const sumOf = (lists: number[][]): number[] => (lists[0] ?? []).map((_, i) => lists.reduce((total, list) => total + (list[i] ?? 0), 0)); // prettier-ignore

export interface FakeGraphOptions {
  readonly now?: () => number;
  readonly updatesPerSecond?: number;
  /** Nothing to see yet. */
  readonly isEmpty?: boolean;
  /** How long it has been looking. */
  readonly sinceMs?: number;
}

const bucketChoices = [1000, 5000, 30_000, 120_000, 300_000];

export class FakeGraph implements ProfilerGraph {
  readonly processes$: Observable<readonly ProcessNode[]>;
  readonly catalogue$: ProfilerGraph['catalogue$'];
  /** What was asked for, in order. */
  readonly attached: number[] = [];
  /** Subscriptions that are open. */
  open = 0;
  readonly #now: () => number;
  readonly #everyMs: number;
  readonly #sinceMs: number;
  readonly #connected = new BehaviorSubject<ReadonlySet<number>>(new Set([4242, 4310]));

  constructor(options: FakeGraphOptions = {}) {
    const { isEmpty = false, now = Date.now, updatesPerSecond = 5 } = options;
    this.#now = now;
    this.#everyMs = 1000 / updatesPerSecond;
    this.#sinceMs = options.sinceMs ?? now() - 1_800_000;
    this.processes$ = this.#each((nowMs) => isEmpty ? [] : fakeProcesses(nowMs, this.#connected.value)); // prettier-ignore
    this.catalogue$ = this.#each((nowMs) => (isEmpty ? [] : fakeCatalogue(nowMs)));
  }

  #each<T>(make: (nowMs: number) => T): Observable<T> {
    return interval(this.#everyMs).pipe(startWith(0), map(() => make(this.#now()))); // prettier-ignore
  }

  #window(range: TimeRange): { startMs: number; endMs: number; bucketMs: number } {
    const nowMs = this.#now();
    const [fromMs, toMs] = 'lastMs' in range ? [nowMs - range.lastMs, nowMs] : [range.fromMs, range.toMs]; // prettier-ignore
    const bucketMs = bucketChoices.find((size) => (toMs - fromMs) / size <= 400) ?? 300_000;
    const startMs = Math.floor(fromMs / bucketMs) * bucketMs;
    return { startMs, endMs: Math.min(toMs, nowMs), bucketMs };
  }

  state(spec: SourceSpec): Observable<SourceState> {
    if (spec.where?.includes('syntax') === true)
      return throwError(() => new ExtensionEventError('EE_PREDICATE_SYNTAX', 'Line 1, column 8: unexpected end of the predicate.\n  len ==\n        ^', 'Write a comparison, such as len == 13.')); // prettier-ignore
    return this.#each((nowMs) => {
      const matched = eventsOf(spec.pattern).reduce((sum, name) => sum + countBetween(name, this.#sinceMs, nowMs), 0); // prettier-ignore
      const lost = spec.pattern === 'fs.read' ? Math.floor(matched / 50) : 0;
      const refused = { code: 'EE_PERF_NOT_PERMITTED', message: 'perf_event_open for process 4310 was refused (EACCES); kernel.perf_event_paranoid is 3.', hint: 'sudo sysctl kernel.perf_event_paranoid=1, or run extev watch as root.' }; // prettier-ignore
      return {
        parts: [
          { pid: 4242, processName: 'shop-service.js', state: 'listening', pending: 0 },
          spec.pattern.startsWith('hot-spot') ? { pid: 4310, processName: 'worker-pool.js', state: 'refused', pending: 0, error: refused } : { pid: 4310, processName: 'worker-pool.js', state: 'listening', pending: spec.pattern === 'gc.pause' ? 1 : 0 }, // prettier-ignore
        ],
        summary: { matched, delivered: matched - lost, lost, throttled: 0 },
        perSecond: eventsOf(spec.pattern).reduce((sum, name) => sum + countBetween(name, nowMs - 2000, nowMs) / 2, 0), // prettier-ignore
        sinceMs: this.#sinceMs,
      };
    });
  }

  series(
    spec: SourceSpec,
    { by = 'sum', range }: { range: TimeRange; by?: 'sum' | 'thread' | 'event' },
  ): Observable<Series> {
    const names = eventsOf(spec.pattern);
    const threads = ['shop-service.js main', 'shop-service.js worker 1', 'worker-pool.js main', '<img src=x onerror=alert(1)> worker 2']; // prettier-ignore
    return this.#each(() => {
      const { bucketMs, endMs, startMs } = this.#window(range);
      const counts = (name: string, share = 1): number[] => {
        const list: number[] = [];
        for (let at = startMs; at <= endMs; at += bucketMs)
          list.push(at < this.#sinceMs ? 0 : Math.round(countBetween(name, at, Math.min(at + bucketMs, endMs)) * share)); // prettier-ignore
        return list;
      };
      const all = names.map((name) => counts(name));
      const lines =
        by === 'event'
          ? names.map((name, i) => lineOf(name, name, all[i] ?? []))
          : by === 'thread'
            ? threads.map((label, i) => lineOf(`4242/${i}`, label, sumOf(names.map((name) => counts(name, [0.5, 0.3, 0.15, 0.05][i]))))) // prettier-ignore
            : [lineOf('sum', spec.pattern, names.length === 0 ? counts('') : sumOf(all))];
      const lost = (lines[0]?.counts ?? []).map((count, i) => spec.pattern === 'fs.read' && i % 17 === 3 ? Math.ceil(count / 4) : 0); // prettier-ignore
      return { startMs, bucketMs, lines, lost };
    });
  }

  histogram(spec: SourceSpec, { field }: { field: string }): Observable<Histogram> {
    return this.#each((nowMs) => {
      const count = countBetween(spec.pattern, this.#sinceMs, nowMs);
      const buckets = Array.from({ length: 46 }, (_, i) => {
        const fromValue = 50_000 * 1.2 ** i;
        const share = Math.exp(-((i - 16) ** 2) / 60) + 0.3 * Math.exp(-((i - 34) ** 2) / 12);
        return { fromValue, toValue: fromValue * 1.2, count: Math.round((count * share) / 16) };
      });
      return {
        field,
        unit: field.endsWith('Ns') ? 'ns' : 'By',
        count,
        min: 51_000,
        max: 2.4e8,
        mean: 3.2e6,
        quantiles: { p50: 1.1e6, p90: 2.2e7, p99: 8.7e7, p999: 1.9e8 },
        buckets,
        sinceMs: this.#sinceMs,
      };
    });
  }

  topValues(
    spec: SourceSpec,
    { field, limit = 20 }: { field: string; limit?: number },
  ): Observable<TopValues> {
    return this.#each((nowMs) => {
      const count = countBetween(spec.pattern, this.#sinceMs, nowMs);
      const words = ['/api/orders', '/api/cart', '/', '/api/products?page=2', '<script>alert(1)</script>', '/health', '/static/a-very-long-path/that-goes-on-and-on/and-does-not-end-before-it-is-cut-somewhere.js', '/login']; // prettier-ignore
      const values = words.slice(0, limit).map((value, i) => ({ value, count: Math.floor(count / (i + 2.2)), error: i > 5 ? 12 : 0 })); // prettier-ignore
      return { field, count, values, sinceMs: this.#sinceMs };
    });
  }

  heatMap(
    _spec: SourceSpec,
    { field, range }: { field: string; range: TimeRange },
  ): Observable<HeatMap> {
    return this.#each(() => {
      const { bucketMs, endMs, startMs } = this.#window(range);
      const edges = Array.from({ length: 33 }, (_, i) => 50_000 * 1.3 ** i);
      const columns: number[][] = [];
      for (let at = startMs; at <= endMs; at += bucketMs) {
        const mid = 10 + 5 * Math.sin(at / 40_000) + random(at, 1);
        columns.push(
          at < this.#sinceMs ? edges.slice(1).map(() => 0) : edges.slice(1).map((_, row) => Math.round(60 * Math.exp(-((row - mid) ** 2) / 7) + (random(at, row) > 0.9 && row > 18 ? 4 : 0))), // prettier-ignore
        );
      }
      return { field, unit: 'ns', startMs, bucketMs, edges, columns, sinceMs: this.#sinceMs };
    });
  }

  incidents(
    spec: SourceSpec,
    { limit = 100, stack }: { limit?: number; stack?: number } = {},
  ): Observable<Incidents> {
    return this.#each((nowMs) => {
      const name = eventsOf(spec.pattern)[0];
      if (name === undefined) return { items: [], total: 0 };
      const total = countBetween(name, this.#sinceMs, nowMs);
      const first = Math.max(0, total - limit);
      const items = Array.from({ length: total - first }, (_, i) => {
        const number = first + i;
        if (name === 'fs.read' && number % 23 === 7) return { kind: 'loss' as const, number, pid: 4242, tid: 4242, count: 5, reason: 'ring-full' }; // prettier-ignore
        const rate = (nowMs - this.#sinceMs) / Math.max(1, total);
        const incident = fakeIncident(name, number, this.#sinceMs + number * rate);
        return stack === undefined ? incident : { ...incident, stack: fakeStack(number) };
      });
      return { items, total };
    });
  }

  flameGraph(spec: SourceSpec): Observable<FlameGraph> {
    return this.#each((nowMs) => fakeFlames(spec.pattern, countBetween(spec.pattern, this.#sinceMs, nowMs), this.#sinceMs)); // prettier-ignore
  }

  async attach(pid: number): Promise<void> {
    this.attached.push(pid);
    if (pid === 4420) throw new ExtensionEventError('EE_ATTACH_PERMISSION', 'Process 4420 belongs to another user (uid 1001).', 'Run extev watch as that user or as root: sudo extev watch 4420.'); // prettier-ignore
    this.#connected.next(new Set([...this.#connected.value, pid]));
  }

  async close(): Promise<void> {
    this.#connected.complete();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
