import type { Observable } from 'rxjs';
import type {
  CatalogueEntry,
  FlameGraph,
  HeatMap,
  Histogram,
  Incidents,
  ProcessNode,
  Series,
  SourceSpec,
  SourceState,
  TimeRange,
  TopValues,
} from './graph-types.ts';

/** How lines of a series are told apart. */
export interface SeriesChoice {
  readonly range: TimeRange;
  /** One line in all, one for each thread, or one for each event name; `sum` when left out. */
  readonly by?: 'sum' | 'thread' | 'event';
}

/** Which field, and since when; everything since the field is aggregated when `range` is left out. */
export interface FieldChoice {
  readonly field: string;
  /** Only of events of this name, where the pattern matches several. */
  readonly event?: string;
  readonly range?: TimeRange;
}

export interface TopValuesChoice extends FieldChoice {
  /** Most values that are told; 20 when left out. */
  readonly limit?: number;
}

export interface HeatMapChoice {
  readonly field: string;
  /** Only of events of this name, where the pattern matches several. */
  readonly event?: string;
  readonly range: TimeRange;
}

export interface IncidentsChoice {
  /** The newest so many; 100 when left out. */
  readonly limit?: number;
  /** Frames to capture of each poster while this is subscribed; core captures at most 200 stacks a second. */
  readonly stack?: number;
  /** Only those of this time, of those that are kept. */
  readonly range?: TimeRange;
}

export interface FlameChoice {
  readonly range?: TimeRange;
  /** A numeric field whose sum is the weight; each incident weighs 1 when left out. */
  readonly weightField?: string;
  /**
   * Frames to capture of each poster, for events without a stack of their own, while this is
   * subscribed; 0: capture none. 32 when left out and the pattern may match such events.
   */
  readonly stack?: number;
}

/**
 * Incidents of a session's events over time, as Observables.
 *
 * All of them are cold. Subscribers to equal sources share one listen, and those to equal aggregates
 * share the aggregation; the last one that leaves ends it, after `keepMs`. Each emits its present
 * value first, and then at most `updatesPerSecond` times a second and only when it has changed; a
 * sliding range changes when a bucket of time has passed. None of them errors on account of a
 * process: see {@link ProfilerGraph.state}.
 */
export interface ProfilerGraph extends AsyncDisposable {
  /** The processes of the session, what they run and what they use; `/proc` is read while this is subscribed. */
  readonly processes$: Observable<readonly ProcessNode[]>;
  /** The name space of all connected processes; rates are asked for while this is subscribed. */
  readonly catalogue$: Observable<readonly CatalogueEntry[]>;
  /** What became of a source in each process, and its account. */
  state(spec: SourceSpec): Observable<SourceState>;
  /** Incidents over time. */
  series(spec: SourceSpec, choice: SeriesChoice): Observable<Series>;
  /** How a numeric field is spread. */
  histogram(spec: SourceSpec, choice: FieldChoice): Observable<Histogram>;
  /** The most frequent values of a field of any type; bytes as hex. */
  topValues(spec: SourceSpec, choice: TopValuesChoice): Observable<TopValues>;
  /** How a numeric field is spread over time. */
  heatMap(spec: SourceSpec, choice: HeatMapChoice): Observable<HeatMap>;
  /** The newest events themselves, with what is missing between them. */
  incidents(spec: SourceSpec, choice?: IncidentsChoice): Observable<Incidents>;
  /** Where events come from: their own stacks, else captured ones. */
  flameGraph(spec: SourceSpec, choice?: FlameChoice): Observable<FlameGraph>;
  /**
   * Opens a process that is listed and not connected yet. Its state is seen in `processes$`.
   *
   * @throws ExtensionEventError a code of the session
   */
  attach(pid: number): Promise<void>;
  /** Ends all listens and completes all Observables; the session stays open. */
  close(): Promise<void>;
}
