import type { Observable, Subscription } from 'rxjs';
import { compilePattern } from '@extension-events/core';
import type {
  CatalogueEntry,
  Histogram,
  ProcessNode,
  ProfilerGraph,
  Series,
  SourceState,
  TopValues,
} from '@extension-events/consumer-profiler-graph';
import { findMainFields } from './main-fields.ts';
import type { TopPicture, TopRow } from './row.ts';

/** Event types whose fields are looked at: the ones with the highest rates. */
const watchedRows = 20;
const minuteMs = 60_000;
const dayMs = 12 * 3_600_000;

/** One pattern that is heard. */
interface Heard {
  readonly pattern: string;
  readonly matches: (event: string) => boolean;
  state: SourceState | undefined;
  minute: Series | undefined;
  all: Series | undefined;
}

/** The fields of one event type, while it is among the first. */
interface Watched {
  readonly subscription: Subscription[];
  histogram?: Histogram;
  top?: TopValues;
}

/** Follows a graph, and tells what there is to see when it is asked. */
export class TopModel implements Disposable {
  readonly #graph: ProfilerGraph;
  readonly #heard: readonly Heard[];
  readonly #where: { readonly where?: string };
  readonly #subscriptions: Subscription[] = [];
  readonly #watched: Map<string, Watched> = new Map();
  #catalogue: readonly CatalogueEntry[] = [];
  #hasCatalogue = false;
  #processes: readonly ProcessNode[] = [];
  #before: { readonly timeMs: number; readonly totals: ReadonlyMap<string, number> } | undefined;

  /** @param where - predicate that events must fulfil to be heard */
  constructor(graph: ProfilerGraph, patterns: readonly string[], where?: string) {
    this.#graph = graph;
    this.#where = where === undefined ? {} : { where };
    this.#heard = patterns.map((pattern) => ({ pattern, matches: compilePattern(pattern), state: undefined, minute: undefined, all: undefined })); // prettier-ignore
    this.#follow(graph.catalogue$, (catalogue) => {
      this.#catalogue = catalogue;
      this.#hasCatalogue = true;
    });
    this.#follow(graph.processes$, (processes) => (this.#processes = processes));
    for (const heard of this.#heard) {
      const spec = { pattern: heard.pattern, ...this.#where };
      this.#follow(graph.state(spec), (state) => (heard.state = state));
      this.#follow(graph.series(spec, { by: 'event', range: { lastMs: minuteMs } }), (series) => (heard.minute = series)); // prettier-ignore
      this.#follow(graph.series(spec, { by: 'event', range: { lastMs: dayMs } }), (series) => (heard.all = series)); // prettier-ignore
    }
  }

  #follow<T>(values$: Observable<T>, take: (value: T) => void): void {
    this.#subscriptions.push(values$.subscribe(take));
  }

  /** Is everything that is to be heard in force, in the processes there are? */
  get isReady(): boolean {
    return this.#hasCatalogue && this.#heard.every(({ state }) => state?.parts.every((part) => part.state !== 'opening') === true); // prettier-ignore
  }

  /** What there is to see now; rates are since the last call. */
  look(): TopPicture {
    const timeMs = Date.now();
    const totals = new Map<string, number>();
    const rows: TopRow[] = [];
    for (const { all, minute } of this.#heard) {
      for (const { key, total } of all?.lines ?? []) {
        if (totals.has(key)) continue; // another pattern has it
        totals.set(key, total);
        const counts = minute?.lines.find((line) => line.key === key)?.counts ?? [];
        rows.push({ ...this.#fieldsOf(key), event: key, total, minute: counts, perSecond: this.#rate(key, total, timeMs) }); // prettier-ignore
      }
    }
    for (const { heard, name, perSecond } of this.#catalogue)
      if (perSecond !== undefined && perSecond > 0 && !totals.has(name))
        rows.push({ event: name, total: heard, minute: [], perSecond, isOthers: true });
    this.#before = { timeMs, totals };
    rows.sort((a, b) => b.perSecond - a.perSecond || b.total - a.total || (a.event < b.event ? -1 : 1)); // prettier-ignore
    this.#watch(rows.map(({ event }) => event));
    return {
      timeMs,
      heard: this.#heard.map(({ pattern }) => pattern),
      processes: this.#processes
        .filter(({ state }) => state === 'connected')
        .map(({ name, pid }) => ({ pid, name })),
      rows,
      lost: this.#heard.reduce((sum, { state }) => sum + (state?.summary.lost ?? 0), 0),
      silent: this.#catalogue.filter(({ name }) => !rows.some(({ event }) => event === name)).length, // prettier-ignore
      refusals: this.#heard.flatMap(({ pattern, state }) =>
        (state?.parts ?? []).flatMap(({ error, pid }) =>
          error === undefined ? [] : [{ pid, pattern, ...error }],
        ),
      ),
    };
  }

  #rate(event: string, total: number, timeMs: number): number {
    const before = this.#before;
    if (before === undefined || timeMs <= before.timeMs) return 0;
    const count = total - (before.totals.get(event) ?? 0);
    return Math.max(0, (count * 1000) / (timeMs - before.timeMs));
  }

  // ---- fields

  /** The first pattern that hears this event. */
  #patternOf(event: string): string | undefined {
    return this.#heard.find(({ matches }) => matches(event))?.pattern;
  }

  // The first of them, and then those that are only registered: their first event counts too.
  #watch(shown: readonly string[]): void {
    const silent = this.#catalogue.map(({ name }) => name).filter((name) => this.#patternOf(name) !== undefined); // prettier-ignore
    const wanted = new Set([...new Set([...shown, ...silent])].slice(0, watchedRows));
    for (const [event, watched] of this.#watched) {
      if (wanted.has(event)) continue;
      for (const subscription of watched.subscription) subscription.unsubscribe();
      this.#watched.delete(event);
    }
    for (const event of wanted) if (!this.#watched.has(event)) this.#begin(event);
  }

  #begin(event: string): void {
    const pattern = this.#patternOf(event);
    const entry = this.#catalogue.find(({ name }) => name === event);
    if (pattern === undefined || entry === undefined) return;
    const { number, text } = findMainFields(entry);
    const watched: Watched = { subscription: [] };
    const spec = { pattern, ...this.#where };
    if (number !== undefined)
      watched.subscription.push(this.#graph.histogram(spec, { event, field: number }).subscribe((histogram) => (watched.histogram = histogram))); // prettier-ignore
    if (text !== undefined)
      watched.subscription.push(this.#graph.topValues(spec, { event, field: text, limit: 1 }).subscribe((top) => (watched.top = top))); // prettier-ignore
    this.#watched.set(event, watched);
  }

  #fieldsOf(event: string): Pick<TopRow, 'number' | 'top'> {
    const { histogram, top } = this.#watched.get(event) ?? {};
    const { p50, p99 } = histogram?.quantiles ?? {};
    const [first] = top?.values ?? [];
    return {
      ...(histogram !== undefined &&
        p50 !== undefined &&
        p99 !== undefined && {
          number: { field: histogram.field, p50, p99, ...(histogram.unit !== undefined && { unit: histogram.unit }) }, // prettier-ignore
        }),
      ...(top !== undefined &&
        first !== undefined && {
          top: {
            field: top.field,
            value: first.value,
            share: (first.count - first.error) / top.count,
          },
        }),
    };
  }

  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    for (const { subscription } of this.#watched.values())
      for (const one of subscription) one.unsubscribe();
  }
}
