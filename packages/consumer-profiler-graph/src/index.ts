export { createProfilerGraph } from './create-profiler-graph.ts';
export { type GraphErrorCode, graphErrorCodes } from './errors.ts';
export type {
  CatalogueEntry,
  FlameGraph,
  FlameNode,
  HeatMap,
  Histogram,
  HistogramBucket,
  Incident,
  IncidentGap,
  Incidents,
  ProcessNode,
  ProfilerGraphOptions,
  Series,
  SeriesLine,
  SourcePart,
  SourceSpec,
  SourceState,
  ThreadNode,
  TimeRange,
  TopValue,
  TopValues,
} from './graph-types.ts';
export type {
  FieldChoice,
  FlameChoice,
  HeatMapChoice,
  IncidentsChoice,
  ProfilerGraph,
  SeriesChoice,
  TopValuesChoice,
} from './profiler-graph.ts';
export { toCpuProfile } from './to-cpu-profile.ts';
export { toPprof } from './to-pprof.ts';
export { toSpeedscope } from './to-speedscope.ts';
