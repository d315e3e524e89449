/**
 * What the page and the server say to each other, as JSON in text frames of one web socket. The page
 * watches views by numbers of its own, and asks for things to be done; the server sends batches, at
 * most five a second, with what changed of each view since the last one. Types only: the page is
 * compiled from this very file.
 */
import type {
  CatalogueEntry,
  FlameGraph,
  HeatMap,
  Histogram,
  IncidentGap,
  ProcessNode,
  Series,
  SourceSpec,
  SourceState,
  TimeRange,
  TopValues,
} from '../graph-types.ts';
import type { PlainError } from './errors.ts';

/** What a page can watch. */
export type View =
  | { readonly of: 'processes' | 'catalogue' | 'scripts' | 'held' }
  | { readonly of: 'state'; readonly source: SourceSpec }
  | {
      readonly of: 'series';
      readonly source: SourceSpec;
      readonly range: TimeRange;
      readonly by: 'sum' | 'thread' | 'event';
    }
  | {
      readonly of: 'histogram' | 'top';
      readonly source: SourceSpec;
      readonly field: string;
      /** Of this event alone, of those of a pattern. */
      readonly event?: string;
      readonly range?: TimeRange;
    }
  | {
      readonly of: 'heat';
      readonly source: SourceSpec;
      readonly field: string;
      readonly event?: string;
      readonly range: TimeRange;
    }
  | {
      readonly of: 'incidents';
      readonly source: SourceSpec;
      readonly limit: number;
      readonly stack?: number;
      readonly range?: TimeRange;
    }
  | {
      readonly of: 'flame';
      readonly source: SourceSpec;
      readonly stack?: number;
      readonly weightField?: string;
      readonly range?: TimeRange;
    };

export type ViewKind = View['of'];

/** What each view shows. */
export interface ViewValues {
  readonly processes: readonly ProcessNode[];
  readonly catalogue: readonly CatalogueEntry[];
  readonly scripts: readonly ScriptView[];
  readonly held: readonly HeldThread[];
  readonly state: SourceState;
  readonly series: Series;
  readonly histogram: Histogram;
  readonly top: TopValues;
  readonly heat: HeatMap;
  readonly incidents: IncidentsView;
  readonly flame: FlameGraph;
}

/** A value of a payload: long texts are cut, 64-bit integers are decimal text, bytes are base64. */
export type PlainValue =
  | string
  | number
  | boolean
  | { readonly cut: string; readonly length: number }
  | { readonly base64: string; readonly length: number };

export interface IncidentView {
  readonly kind: 'event';
  readonly number: number;
  readonly event: string;
  readonly pid: number;
  readonly tid: number;
  readonly threadId: number;
  readonly threadName: string;
  readonly timeMs: number;
  readonly timestampNs: number;
  readonly payload: Readonly<Record<string, PlainValue>>;
  readonly stack?: readonly string[];
}

export interface IncidentsView {
  readonly items: readonly (IncidentView | IncidentGap)[];
  readonly total: number;
}

/** A script that was started from a page; it belongs to the watcher and outlives the page. */
export interface ScriptView {
  readonly id: number;
  readonly name: string;
  readonly text: string;
  readonly state: ScriptState;
  /** The newest lines of its output. */
  readonly lines: readonly string[];
  /** Number of the first of them, from 0: so many are no longer kept. */
  readonly firstLine: number;
}

export interface ScriptState {
  readonly phase: 'starting' | 'running' | 'ended' | 'failed';
  /** Processes in which it runs, or has run. */
  readonly pids: readonly number[];
  /** Events that it posts. */
  readonly events: readonly string[];
  readonly error?: PlainError;
}

/** A thread that stands since the page asked for it. */
export interface HeldThread {
  readonly pid: number;
  readonly tid: number;
  readonly threadName: string;
  readonly event: string;
  /** Where it stands, innermost frame first. */
  readonly stack: readonly string[];
}

/** One thing that is wrong with the text of a script. Lines and columns count from 1. */
export interface ScriptDiagnostic {
  readonly severity: 'error' | 'warning';
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export type ExportFormat = 'speedscope' | 'pprof' | 'cpuprofile';

/** What a page asks to be done; `ask` is the page's number for the answer. */
export type Ask =
  | { readonly do: 'attach'; readonly ask: number; readonly pid: number }
  | { readonly do: 'check-script'; readonly ask: number; readonly text: string }
  | {
      readonly do: 'run-script';
      readonly ask: number;
      readonly name: string;
      readonly text: string;
      readonly pids?: readonly number[];
    }
  | { readonly do: 'stop-script'; readonly ask: number; readonly script: number }
  /** `view` is a flame graph that this page watches; the answer is the path of a download. */
  | { readonly do: 'export'; readonly ask: number; readonly view: number; readonly format: ExportFormat } // prettier-ignore
  /** Needs the grant of `--allow-control`, as `continue` does. */
  | { readonly do: 'stop-next'; readonly ask: number; readonly source: SourceSpec }
  | { readonly do: 'continue'; readonly ask: number; readonly pid: number; readonly tid: number };

/** page → server */
export type PageMessage =
  | { readonly do: 'watch'; readonly id: number; readonly view: View }
  | { readonly do: 'unwatch'; readonly id: number }
  | Ask;

/** The first message of the server. */
export interface HelloMessage {
  readonly kind: 'hello';
  readonly title: string;
  readonly version: string;
  /** Of the watcher itself. */
  readonly pid: number;
  /** Wall-clock time of the server. */
  readonly nowMs: number;
  readonly hasScripts: boolean;
  /** May the page stop threads? */
  readonly hasControl: boolean;
  /** The process that the watcher was started for. */
  readonly target?: number;
}

/** What changed of one view; `delta` is for the codec of its kind. */
export type ViewUpdate =
  | { readonly id: number; readonly delta: unknown }
  | { readonly id: number; readonly error: PlainError };

export type Answer =
  | { readonly ask: number; readonly value: unknown }
  | { readonly ask: number; readonly error: PlainError };

export interface BatchMessage {
  readonly kind: 'batch';
  readonly updates: readonly ViewUpdate[];
  readonly answers: readonly Answer[];
}

/** Messages of the page that were not understood, or not taken: those of one turn together. */
export interface RefusedMessage {
  readonly kind: 'refused';
  /** How many there were. */
  readonly count: number;
  /** Why the last one was. */
  readonly error: PlainError;
}

/** server → page */
export type ServerMessage = HelloMessage | BatchMessage | RefusedMessage;
