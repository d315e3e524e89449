/**
 * The checked tree of a script: what the checker makes and the runtime compiles. Every name is
 * resolved, every conversion is a node, so that neither the code generator nor the reference
 * interpreter decides anything.
 *
 * A body is checked for one event type at a time ({@link CheckedBody}): fields belong to types. What
 * holds for the whole program ({@link Globals}) is inferred once, where the script is started, and
 * travels with its text.
 */
import type { Fields, RequestValues } from '@extension-events/core';
import type { CheckedNode, Typed } from '../expression/checked.ts';

/** What globals and locals hold. Numbers are doubles there. */
export type StoredType = 'number' | 'string' | 'bool';

/**
 * How the shares of several threads become one: `stats` and `sum` exactly; of `last` the later write
 * wins.
 */
export type Merge = 'stats' | 'sum' | 'last';

/** One global of the program; its index in {@link Globals} is its number. Plain data. */
export interface CheckedGlobal {
  /** Unique in the program: globals of a library file carry its name, `http.slow/limit_ms`. */
  readonly name: string;
  /** Types of the keys; empty: a scalar. */
  readonly keys: readonly StoredType[];
  /** Of an entry; `stats` for what is filled by `<<<`. */
  readonly value: StoredType | 'stats';
  readonly merge: Merge;
  /** Of a scalar with `= literal`, or what `--global` set. */
  readonly initial?: number | string | boolean;
  /** Do event probes read it? Then threads are told what a merge makes of it. */
  readonly isReadByEvents: boolean;
  /** What is taken for a number since only an awaited event can tell: positions of keys, and the value. */
  readonly open?: { readonly keys: readonly number[]; readonly value: boolean };
  /** Of `stats`: what is counted beside count, sum, min and max, since some probe asks for it. */
  readonly buckets?: { readonly hasLog2: boolean; readonly linear?: LinearBuckets };
}
export type Globals = readonly CheckedGlobal[];

/**
 * For native threads, where a throw comes too late to stop: the event is thrown whenever `event` is
 * posted and `where` holds. A debugger stops there instead.
 */
export interface EventCause {
  readonly event: string;
  readonly request?: RequestValues;
  /** An expression over the fields of `event`. */
  readonly where?: string;
  /** The fields of the thrown event, as expressions over those of `event`. */
  readonly fields?: Readonly<Record<string, string>>;
  /** A sentence on what cannot be decided there: the stop comes late. */
  readonly late?: string;
}

/** An event that the program declares. */
export interface CheckedEvent {
  readonly name: string;
  readonly fields: Fields;
  /** File that declares it. */
  readonly file: string;
  readonly cause?: EventCause;
}

/** One point of one probe, before its body is checked for a type. */
export interface CheckedPoint {
  /** Index of the probe in the program, and of the point in the probe. */
  readonly probe: number;
  readonly point: number;
  readonly pattern: string;
  readonly isAwaited: boolean;
  readonly request?: RequestValues;
  /** Its probe calls `stack()`. */
  readonly wantsStack?: boolean;
}

/** When the coordinator runs a body of its own. */
export interface CheckedTimer {
  readonly probe: number;
  readonly everyMs: number;
}

/** Nodes that expressions have in scripts only; the runtime handles them beside those of `expression/`. */
export type ScriptNode = CheckedNode<ScriptOnlyNode>;

/** Those alone. */
export type ScriptOnlyNode =
  | ScriptTyped<'local', { readonly local: number }>
  /** A scalar, or an entry; absent entries read as 0, "" or false. */
  | ScriptTyped<'global', { readonly global: number; readonly keys: readonly ScriptNode[] }>
  | ScriptTyped<'has', { readonly global: number; readonly keys: readonly ScriptNode[] }>
  | ScriptTyped<'entries', { readonly global: number }>
  /** `@count(x)` …; of an entry without values: 0, and absent for avg, min and max. */
  | ScriptTyped<'statistic', { readonly statistic: Statistic; readonly global: number; readonly keys: readonly ScriptNode[]; readonly buckets?: LinearBuckets }> // prettier-ignore
  /** `brought`: the field of the event that has it. */
  | ScriptTyped<'stack', { readonly depth: number; readonly brought?: ScriptNode }>
  | ScriptTyped<'probe-name', object>
  | ScriptTyped<'format', { readonly parts: readonly FormatPart[]; readonly operands: readonly ScriptNode[] }> // prettier-ignore
  /** A function of scripts: `str`, `int`, `replace`, `sqrt` …; `runtime/functions.ts` has them by name. */
  | ScriptTyped<'function', { readonly name: string; readonly operands: readonly ScriptNode[] }>
  | ScriptTyped<
      'group',
      { readonly regex: RegExp; readonly group: number; readonly subject: ScriptNode }
    >;

export type ScriptTyped<K extends string, Rest> = Typed & { readonly kind: K } & Rest;

export type Statistic = 'count' | 'sum' | 'avg' | 'min' | 'max' | 'hist' | 'lhist';
export interface LinearBuckets {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** A literal piece of a format, or one conversion; conversions take the operands in turn. */
export type FormatPart =
  | string
  | {
      readonly conversion: 'd' | 'x' | 'o' | 'f' | 'e' | 's';
      readonly width: number;
      readonly precision?: number;
      readonly isLeft: boolean;
      readonly hasZeros: boolean;
    };

export type CheckedStatement =
  | { readonly kind: 'if'; readonly condition: ScriptNode; readonly then: readonly CheckedStatement[]; readonly otherwise: readonly CheckedStatement[] } // prettier-ignore
  /** `for` is checked into this; `step` runs after the body and after `continue`. */
  | { readonly kind: 'loop'; readonly condition: ScriptNode; readonly body: readonly CheckedStatement[]; readonly step: readonly CheckedStatement[] } // prettier-ignore
  /** Over the keys as they were when it began. Ordered by value (statistics: by count), or as inserted. */
  | { readonly kind: 'foreach'; readonly global: number; readonly locals: readonly number[]; readonly order: 'none' | 'ascending' | 'descending'; readonly limit?: ScriptNode; readonly body: readonly CheckedStatement[] } // prettier-ignore
  | { readonly kind: 'break' | 'continue' | 'next' | 'exit' }
  | { readonly kind: 'set-local'; readonly local: number; readonly value: ScriptNode }
  | { readonly kind: 'set-global'; readonly global: number; readonly keys: readonly ScriptNode[]; readonly value: ScriptNode } // prettier-ignore
  /** `+= -= ++ --` */
  | { readonly kind: 'add'; readonly global: number; readonly keys: readonly ScriptNode[]; readonly value: ScriptNode } // prettier-ignore
  | { readonly kind: 'aggregate'; readonly global: number; readonly keys: readonly ScriptNode[]; readonly value: ScriptNode } // prettier-ignore
  /** Without keys: all of it. */
  | { readonly kind: 'delete'; readonly global: number; readonly keys?: readonly ScriptNode[] }
  | { readonly kind: 'throw'; readonly event: number; readonly fields: readonly { readonly name: string; readonly value: ScriptNode }[] } // prettier-ignore
  | { readonly kind: 'print'; readonly text: ScriptNode };

/** One probe's code for one event type. */
export interface CheckedBody {
  /** The point's `if`; a hit counts as matched when it holds. */
  readonly condition: ScriptNode | undefined;
  readonly statements: readonly CheckedStatement[];
  /** Types of the locals. */
  readonly locals: readonly StoredType[];
  /** Fields that it reads, each once. */
  readonly fields: readonly string[];
}

/** A program whose every name and type fits the event types known where it is started. */
export interface CheckedProgram {
  readonly events: readonly CheckedEvent[];
  readonly globals: Globals;
  readonly points: readonly CheckedPoint[];
  readonly timers: readonly CheckedTimer[];
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}
