/** What travels between the coordinator of a script and its instances in threads and hosts: JSON. */
import type { FieldValue } from '@extension-events/core';
import type { CheckedEvent, CheckedGlobal, Globals } from './checked.ts';

/** One file of a script's text. */
export interface SourceFile {
  /** As the user gave it; shown in errors. */
  readonly name: string;
  readonly text: string;
  /** Of a file of the standard library: its globals carry this name, `http.slow/slow_ms`. */
  readonly library?: string;
}

/** What one hit, one thread and one script may cost. */
export interface ScriptBudget {
  readonly statementsPerHit: number;
  /** Share of a thread's time, 0 to 1. */
  readonly threadShare: number;
  readonly memoryBytes: number;
  readonly entriesPerMap: number;
  /** UTF-16 units of a string that the script builds. */
  readonly stringLength: number;
  /** How deep throws may be nested in throws. */
  readonly nesting: number;
  readonly outputBytesPerSecond: number;
}

/** Everything an instance needs: the text, and what was inferred over the whole program. */
export interface ScriptSpec {
  /** Unique for each start of a script: its output is found by it. */
  readonly run: string;
  /** What errors and `registry` call it: `lucky13.ev`. */
  readonly name: string;
  readonly files: readonly SourceFile[];
  readonly globals: Globals;
  readonly events: readonly CheckedEvent[];
  readonly budget: ScriptBudget;
}

/** A key of a map: numbers, strings and bools as they are. Here and below, numbers that JSON lacks are words: `NaN`. */
export type Key = readonly (number | string | boolean)[];

/** Statistics of one entry; `buckets` are the log2 ones, `values` those of `@lhist`, both sparse. */
export interface StatsShare {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly buckets: readonly (readonly [bucket: number, count: number])[];
  readonly linear?: readonly (readonly [bucket: number, count: number])[];
}

/** What one thread has done to one global since it was last asked. */
export interface GlobalShare {
  readonly global: number;
  /** It was deleted as a whole first, at this time (CLOCK_MONOTONIC). */
  readonly clearedNs?: number;
  readonly entries: readonly EntryShare[];
}

/** What one thread has done to one entry. */
export interface EntryShare {
  readonly key: Key;
  /** `sum`: what was added. `last`: what was written; absent: deleted. */
  readonly value?: number | string | boolean;
  readonly stats?: StatsShare;
  /** `last`: when it was written. */
  readonly atNs?: number;
  /** `sum` and `stats`: the entry was deleted first. */
  readonly isReset?: boolean;
}

/** The types of a global that were open when the script was started, as far as they are known now. */
export interface SettledGlobal extends Pick<CheckedGlobal, 'keys' | 'value' | 'open'> {
  readonly global: number;
}

/** Answer of `collect`: the share is the coordinator's from here on. */
export interface ThreadShare {
  readonly globals: readonly GlobalShare[];
  readonly settled?: readonly SettledGlobal[];
  /** `exit()` was called. */
  readonly hasExited: boolean;
  /** In the place of what a thread has gathered that was ended before it could hand it over. */
  readonly isMissing?: true;
}

/** What a merge has made of the globals that event probes read; replaces what the threads knew. */
export interface StateUpdate {
  readonly settled?: readonly SettledGlobal[];
  readonly globals: readonly {
    readonly global: number;
    readonly entries: readonly {
      readonly key: Key;
      readonly value?: number | string | boolean;
      readonly stats?: StatsShare;
      /** `last`: when it was written; what a thread wrote before is void. */
      readonly atNs?: number;
    }[];
  }[];
}

/** An event that a timer, begin or end probe throws. */
export interface RemoteThrow {
  readonly event: string;
  /** JSON: values of `u64` and `i64` fields are decimal texts. */
  readonly payload: Readonly<Record<string, FieldValue>>;
}
