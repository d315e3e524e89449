import type { RequestValues } from '@extension-events/core';
import type { EventItem, Summary } from '@extension-events/session';

/**
 * What to graph: one listen in every connected process of the session, present and future. Sources
 * that are equal share one listen and everything that is aggregated from it.
 */
export interface SourceSpec {
  /** Event name or pattern: `*` within a part, `**` across parts. Requested types need their exact name. */
  readonly pattern: string;
  /** Predicate text, evaluated in the posting thread. */
  readonly where?: string;
  /** Parameters of a requested type. */
  readonly request?: RequestValues;
  /** Only this process. */
  readonly pid?: number;
  /** Only this thread: Node's threadId, or `tid:N`; goes with `pid`. */
  readonly thread?: string;
}

/** A span of time: the last so many milliseconds, sliding; or fixed, in milliseconds since 1970. */
export type TimeRange =
  | { readonly lastMs: number }
  | { readonly fromMs: number; readonly toMs: number };

/** One line of a series. */
export interface SeriesLine {
  /** Stable while the graph lives: `sum`, an event's name, or `PID/TID`. */
  readonly key: string;
  /** For people: the event's name, or the process and thread names. */
  readonly label: string;
  /** Incidents in each bucket, oldest first. */
  readonly counts: readonly number[];
  /** In the whole range. */
  readonly total: number;
}

/** Incidents over time. */
export interface Series {
  /** Start of the first bucket, milliseconds since 1970; a multiple of `bucketMs`. */
  readonly startMs: number;
  readonly bucketMs: number;
  readonly lines: readonly SeriesLine[];
  /** Events that were lost or throttled in each bucket. */
  readonly lost: readonly number[];
}

/** One bucket of a histogram: `fromValue <= value < toValue`. */
export interface HistogramBucket {
  readonly fromValue: number;
  readonly toValue: number;
  readonly count: number;
}

/** How the numbers of one field are spread. Buckets are log-linear; quantiles are within 1 %. */
export interface Histogram {
  readonly field: string;
  readonly unit?: string;
  readonly count: number;
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
  readonly quantiles: Readonly<Record<'p50' | 'p90' | 'p99' | 'p999', number | undefined>>;
  readonly buckets: readonly HistogramBucket[];
  /** Since when this field is aggregated, milliseconds since 1970. */
  readonly sinceMs: number;
}

/** A heavy hitter; `error` is by how much `count` may be too high. */
export interface TopValue {
  readonly value: string;
  readonly count: number;
  readonly error: number;
}

export interface TopValues {
  readonly field: string;
  readonly count: number;
  readonly values: readonly TopValue[];
  readonly sinceMs: number;
}

/** Columns of time, rows of values: where a duration goes, and when. */
export interface HeatMap {
  readonly field: string;
  readonly unit?: string;
  readonly startMs: number;
  readonly bucketMs: number;
  /** Lower edges of the rows, ascending, and the upper edge of the last. */
  readonly edges: readonly number[];
  /** One per bucket of time; each as long as there are rows. */
  readonly columns: readonly (readonly number[])[];
  readonly sinceMs: number;
}

/** One event as it is kept: with a number of its own, and wall-clock time. */
export interface Incident extends EventItem {
  /** Ascending within a graph; never used again. */
  readonly number: number;
  readonly timeMs: number;
  /** The thread's name, or its number. */
  readonly threadName: string;
}

/** At its place among the incidents: `count` are missing. */
export interface IncidentGap {
  readonly kind: 'loss';
  readonly number: number;
  readonly pid: number;
  readonly tid: number;
  readonly count: number;
  readonly reason: string;
}

/** The newest incidents, newest last. */
export interface Incidents {
  readonly items: readonly (Incident | IncidentGap)[];
  /** All that were heard; the older ones are no longer kept. */
  readonly total: number;
}

/** One frame of a flame graph with what lies below it; a parent is never smaller than its children together. */
export interface FlameNode {
  readonly name: string;
  /** `file:line` as it is known, source-mapped where there is a map. */
  readonly location?: string;
  /** Weight of all stacks through here. */
  readonly total: number;
  /** Weight of stacks that end here. */
  readonly self: number;
  readonly children: readonly FlameNode[];
}

export interface FlameGraph {
  readonly root: FlameNode;
  /** Events with a stack, and events that came without one. */
  readonly stacks: number;
  readonly withoutStack: number;
  /** Weight that was put into `(other)`, since too many different stacks were seen. */
  readonly truncated: number;
  /** What a node's weight counts: `{incident}`, or the unit of `weightField`. */
  readonly unit: string;
  readonly sinceMs: number;
}

/** What became of a source in one process. */
export interface SourcePart {
  readonly pid: number;
  readonly processName: string;
  readonly state: 'opening' | 'listening' | 'refused' | 'ended';
  /** When it ended, as far as that was seen; milliseconds since 1970. */
  readonly endedMs?: number;
  /** Threads that have not answered yet. */
  readonly pending: number;
  /** Why it was refused, or why a part of it is not heard. */
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
}

/** A source as a whole. */
export interface SourceState {
  readonly parts: readonly SourcePart[];
  /** Matched so far; exact when all listens have ended. */
  readonly summary: Summary;
  readonly perSecond: number;
  readonly sinceMs: number;
}

/** One event type of the session's name space, in whichever processes it is registered. */
export interface CatalogueEntry {
  readonly name: string;
  readonly kind: 'filtered' | 'requested';
  readonly description: string;
  readonly producer?: string;
  readonly fields: readonly { readonly name: string; readonly type: string; readonly unit?: string; readonly base?: 16; readonly description?: string; readonly detail?: boolean }[]; // prettier-ignore
  readonly request: readonly { readonly name: string; readonly type: string; readonly unit?: string; readonly description?: string; readonly default?: number | string | boolean; readonly oneOf?: readonly string[]; readonly min?: number; readonly max?: number }[]; // prettier-ignore
  readonly pids: readonly number[];
  /** Listeners of anybody. */
  readonly listeners: number;
  /** Posted a second while somebody listens, whoever it is; `undefined` while nobody does: unheard posts are not counted. */
  readonly perSecond?: number;
  readonly heard: number;
  /** Lost or throttled in this graph's own sources. */
  readonly lost: number;
  /** Fields with numbers; fields that are durations; does an event carry a stack of its own? */
  readonly hasStack: boolean;
}

export interface ThreadNode {
  readonly tid: number;
  /** Node's number; -1 for a native thread. */
  readonly threadId: number;
  readonly name: string;
  readonly state: 'running' | 'held' | 'ended';
  /** Share of one processor over the last look, 0 to 1. */
  readonly cpuShare?: number;
  /** The event at which a debugger holds it. */
  readonly heldBy?: { readonly event?: string; readonly holders: readonly string[] };
}

export interface ProcessNode {
  readonly pid: number;
  readonly name: string;
  readonly runtime: string;
  /** `connected`: events are heard. `attachable`: a Node process without agent. `native`: a host can be opened. `connecting`, or `refused` with its reason. */
  readonly state: 'connected' | 'connecting' | 'attachable' | 'native' | 'refused';
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
  /** Which sides are connected. */
  readonly sides: { readonly agent: boolean; readonly host: boolean };
  /** Share of one processor over the last look. */
  readonly cpuShare?: number;
  readonly threads: readonly ThreadNode[];
}

/** How a graph aggregates. */
export interface ProfilerGraphOptions {
  /** Most updates a second of each Observable; 5 when left out. */
  readonly updatesPerSecond?: number;
  /** How long a source goes on without any subscriber, so that a reloaded page finds its history; 0 when left out. */
  readonly keepMs?: number;
  /** Incidents that are kept of each source; 1000 when left out. */
  readonly incidents?: number;
  /** Also list programs that are not Node.js. */
  readonly allProcesses?: boolean;
}
