import { defer, interval, type Observable, ReplaySubject, share, Subject, takeUntil } from 'rxjs';
import { isExactPattern } from '@extension-events/core';
import type { Session } from '@extension-events/session';
import { CapturedStacks } from './captured-stacks.ts';
import { Catalogue } from './catalogue.ts';
import { GraphClock } from './clock.ts';
import { graphError } from './errors.ts';
import { FieldDistribution } from './field-distribution.ts';
import { FieldFlames } from './field-flames.ts';
import { FieldTopValues } from './field-top-values.ts';
import type { CatalogueEntry, FlameGraph, HeatMap, Histogram, Incidents, ProcessNode, ProfilerGraphOptions, Series, SourceSpec, SourceState, TimeRange, TopValues } from './graph-types.ts'; // prettier-ignore
import { readIncidents } from './incidents.ts';
import { IncidentNumbers } from './incident-tail.ts';
import { type Level, seriesLevels, sliceLevels } from './levels.ts';
import { Names } from './names.ts';
import { type Hold, Pool } from './pool.ts';
import { ProcessTree } from './process-tree.ts';
import type { FieldChoice, FlameChoice, HeatMapChoice, IncidentsChoice, ProfilerGraph, SeriesChoice, TopValuesChoice } from './profiler-graph.ts'; // prettier-ignore
import { Source, type SourceHost } from './source.ts';
import { checkSpec, keyOfSpec } from './source-spec.ts';
import { checkRange, layOver, type Span } from './span.ts';
import { type View, Views } from './view.ts';

const usualUpdates = 5;
const usualIncidents = 1000;
const usualTopValues = 20;
const usualShown = 100;
const usualFrames = 32;
/** A state tells rates, which change by themselves. */
const rateMs = 500;

/**
 * Graphs the events of a session: what is subscribed is listened to, in every process that is
 * connected now or later. Nothing happens before the first subscription.
 */
export function createProfilerGraph(
  session: Session,
  options: ProfilerGraphOptions = {},
): ProfilerGraph {
  return new Graph(session, options);
}

class Graph implements ProfilerGraph {
  readonly processes$: Observable<readonly ProcessNode[]>;
  readonly catalogue$: Observable<readonly CatalogueEntry[]>;
  readonly #clock: GraphClock = new GraphClock();
  readonly #names: Names;
  readonly #tree: ProcessTree;
  readonly #views: Views;
  readonly #host: SourceHost;
  readonly #sources: Pool<Source>;
  readonly #ending: Set<Promise<void>> = new Set();
  readonly #closed: Subject<void> = new Subject();
  #isClosed = false;

  constructor(session: Session, options: ProfilerGraphOptions) {
    const { allProcesses = false, incidents = usualIncidents, keepMs = 0, updatesPerSecond = usualUpdates } = options; // prettier-ignore
    this.#names = new Names(session);
    this.#host = { session, clock: this.#clock, names: this.#names, numbers: new IncidentNumbers(), keepMs, incidents }; // prettier-ignore
    this.#sources = new Pool(keepMs, (source) => this.#end(source));
    this.#views = new Views(interval(1000 / updatesPerSecond).pipe(takeUntil(this.#closed), share())); // prettier-ignore
    this.#tree = new ProcessTree(session, allProcesses);
    const catalogue = new Catalogue(session, (event) => this.#lostOf(event));
    this.processes$ = this.#shared(() => this.#tree.processes$);
    this.catalogue$ = this.#shared(() => catalogue.entries$);
  }

  #shared<T>(open: () => Observable<T>): Observable<T> {
    return defer(open).pipe(
      takeUntil(this.#closed),
      share({ connector: () => new ReplaySubject<T>(1) }),
    );
  }

  // Two sources of one name, say with stacks and without, lose the same events.
  #lostOf(event: string): number {
    let lost = 0;
    for (const source of this.#sources.values())
      if (source.spec.pattern === event) lost = Math.max(lost, source.lost);
    return lost;
  }

  #end(source: Source): void {
    const ending = source.close().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  #source(spec: SourceSpec, stack = 0): Hold<Source> {
    if (this.#isClosed)
      throw graphError('EE_GRAPH_CLOSED', 'The graph has been closed.', 'Create another one for the session.'); // prettier-ignore
    checkSpec(spec);
    const make = (): Source => new Source(spec, stack, this.#host);
    return this.#sources.use(keyOfSpec(spec, stack), make);
  }

  #watch<T>(name: string, spec: SourceSpec, choice: object, open: () => View<T>): Observable<T> {
    return this.#views.watch(JSON.stringify([name, keyOfSpec(spec, 0), choice]), open);
  }

  #span(range: TimeRange, levels: readonly Level[]): Span {
    return layOver(range, levels, this.#clock.nowMs());
  }

  #sliceSpan(range: TimeRange | undefined): Span | undefined {
    return range === undefined ? undefined : this.#span(range, sliceLevels);
  }

  state(spec: SourceSpec): Observable<SourceState> {
    return this.#watch('state', spec, {}, () => {
      const { release, value: source } = this.#source(spec);
      const stamp = (): string =>
        `${source.version} ${source.partsVersion} ${Math.floor(this.#clock.nowMs() / rateMs)}`;
      return { stamp, read: () => source.state, close: release };
    });
  }

  series(spec: SourceSpec, choice: SeriesChoice): Observable<Series> {
    const { by = 'sum', range } = choice;
    return this.#watch('series', spec, { by, range }, () => {
      checkRange(range);
      const { release, value: source } = this.#source(spec);
      const span = (): Span => this.#span(range, seriesLevels);
      return {
        stamp: () => `${source.version} ${stampOf(span())}`,
        read: () => source.series.series(span(), by),
        close: release,
      };
    });
  }

  histogram(spec: SourceSpec, choice: FieldChoice): Observable<Histogram> {
    return this.#watch('histogram', spec, choice, () =>
      this.#viewField(spec, choice, (field, span) => field.histogram(span)),
    );
  }

  heatMap(spec: SourceSpec, choice: HeatMapChoice): Observable<HeatMap> {
    const { range } = choice;
    return this.#watch('heatMap', spec, choice, () =>
      this.#viewField(spec, choice, (field) => field.heatMap(this.#span(range, sliceLevels))),
    );
  }

  #viewField<T>(
    spec: SourceSpec,
    { event, field, range }: FieldChoice,
    read: (distribution: FieldDistribution, span: Span | undefined) => T,
  ): View<T> {
    if (range !== undefined) checkRange(range);
    const source = this.#source(spec);
    const key = `distribution:${event ?? ''}:${field}`;
    const hold = source.value.use(key, (sinceMs) => new FieldDistribution(field, event, sinceMs));
    return {
      stamp: () => `${hold.value.version} ${stampOf(this.#sliceSpan(range))}`,
      read: () => read(hold.value, this.#sliceSpan(range)),
      close: () => releaseAll(hold, source),
    };
  }

  topValues(spec: SourceSpec, choice: TopValuesChoice): Observable<TopValues> {
    const { event, field, limit = usualTopValues, range } = choice;
    return this.#watch('topValues', spec, choice, () => {
      if (range !== undefined) checkRange(range);
      const source = this.#source(spec);
      const key = `top:${event ?? ''}:${field}`;
      const hold = source.value.use(key, (sinceMs) => new FieldTopValues(field, event, sinceMs));
      return {
        stamp: () => `${hold.value.version} ${stampOf(this.#sliceSpan(range))}`,
        read: () => hold.value.topValues(limit, this.#sliceSpan(range)),
        close: () => releaseAll(hold, source),
      };
    });
  }

  incidents(spec: SourceSpec, choice: IncidentsChoice = {}): Observable<Incidents> {
    const { limit = usualShown, range, stack = 0 } = choice;
    return this.#watch('incidents', spec, choice, () => {
      if (range !== undefined) checkRange(range);
      const source = this.#source(spec);
      const capturing = stack > 0 ? this.#source(spec, stack) : undefined;
      const captured = capturing?.value.use('captured', (sinceMs) => new CapturedStacks(stack, sinceMs)); // prettier-ignore
      return {
        stamp: () => `${source.value.version} ${captured?.value.version ?? 0} ${stampOf(this.#sliceSpan(range))}`, // prettier-ignore
        read: () => ({
          items: readIncidents(source.value.tail, { limit, range, nowMs: this.#clock.nowMs(), captured: captured?.value }), // prettier-ignore
          total: source.value.total,
        }),
        close: () => releaseAll(captured, capturing, source),
      };
    });
  }

  flameGraph(spec: SourceSpec, choice: FlameChoice = {}): Observable<FlameGraph> {
    const { range, weightField } = choice;
    return this.#watch('flameGraph', spec, choice, () => {
      if (range !== undefined) checkRange(range);
      const source = this.#source(spec, choice.stack ?? this.#framesFor(spec));
      const key = `flames:${weightField ?? ''}`;
      const hold = source.value.use(key, (sinceMs) => new FieldFlames(weightField, sinceMs));
      return {
        stamp: () => `${hold.value.version} ${stampOf(this.#sliceSpan(range))}`,
        read: () => hold.value.flameGraph(this.#sliceSpan(range)),
        close: () => releaseAll(hold, source),
      };
    });
  }

  /** A capture costs the poster: none where each event is known to bring its own stack. */
  #framesFor({ pattern }: SourceSpec): number {
    if (!isExactPattern(pattern)) return usualFrames;
    const hasOwn = this.#names.descriptorsOf(pattern).some(({ fields }) => Object.values(fields).some(({ type }) => type === 'stack')); // prettier-ignore
    return hasOwn ? 0 : usualFrames;
  }

  async attach(pid: number): Promise<void> {
    await this.#tree.attach(pid);
  }

  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#closed.next();
      this.#sources.clear();
      this.#names[Symbol.dispose]();
    }
    await Promise.all(this.#ending);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function stampOf(span: Span | undefined): string {
  return span === undefined ? '' : `${span.level} ${span.first} ${span.last}`;
}

function releaseAll(...holds: readonly (Hold<unknown> | undefined)[]): void {
  for (const hold of holds) hold?.release();
}
