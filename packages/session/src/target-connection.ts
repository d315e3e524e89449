import type { Observable } from 'rxjs';
import type { ExtensionEventError } from '@extension-events/core';
import type {
  Account,
  ArmFrame,
  DebugMethod,
  HelloFrame,
  StopCause,
  StopFrame,
  ThreadInfo,
  TypeInfo,
} from '@extension-events/protocol';
import type { ConnectionEnd } from './connection.ts';
import type { EventItem, LossItem, Summary } from './items.ts';
import type { ScriptSpec } from '@extension-events/script/runtime';
import type { ListenAnswer, ListenOptions } from './listening.ts';
import type { RecordBatch } from './record-batch.ts';
import type { TargetScript } from './script-link.ts';

/** One listen on one process, whoever serves it there. */
export interface TargetListening {
  readonly id: number;
  readonly options: ListenOptions;
  /** Resolves when it is in force; rejects with the coded refusal when nobody serves it. */
  readonly ready: Promise<ListenAnswer>;
  /** Events and losses, in order; completes when the listen or the process ends. */
  readonly items$: Observable<EventItem | LossItem>;
  /** The same, undecoded; see {@link RecordBatch}. */
  readonly records$: Observable<RecordBatch | LossItem>;
  /** Ends the listen; its accounts come after its last record. */
  unlisten(): Promise<readonly Account[]>;
  /** Exact once the listen has ended; before, what has arrived. */
  readonly summary: Summary;
}

/** Who serves a process: the agent inside it, or a host beside it. */
export type Side = 'agent' | 'host';

/** Something that the user should know and that ends nothing. */
export interface TargetNotice {
  /**
   * `host-refused`: there is an agent, but no host can be started. `host-lost`: it ended on its own.
   * `part-refused`: one side cannot serve a listen that the other one serves.
   */
  readonly kind: 'host-refused' | 'host-lost' | 'part-refused';
  readonly error: ExtensionEventError;
}

/**
 * One connected process as consumers see it: through its agent, through a host beside it, or
 * through both at once.
 */
export interface TargetConnection {
  readonly pid: number;
  /** Of the agent where there is one. */
  readonly hello: HelloFrame;
  readonly ended: Promise<ConnectionEnd>;
  readonly threads: readonly ThreadInfo[];
  readonly threads$: Observable<readonly ThreadInfo[]>;
  readonly eventTypes: readonly TypeInfo[];
  readonly eventTypes$: Observable<readonly TypeInfo[]>;
  readonly stops$: Observable<StopFrame>;
  readonly arms$: Observable<ArmFrame>;
  /** What went wrong without ending anything; those so far come first. */
  readonly notices$: Observable<TargetNotice>;
  /**
   * Is there an agent, a host? Threads with `runs: 'native'` are the host's alone. A host is
   * started when the first listen needs it, so this may change.
   */
  readonly sides: { readonly agent: boolean; readonly host: boolean };
  open(options: ListenOptions): TargetListening;
  /**
   * Runs a script in every thread, until it is removed or the connection ends.
   *
   * @param patterns - what it probes: they tell where it is to run
   * @throws ExtensionEventError why it cannot run there
   */
  openScript(spec: ScriptSpec, patterns: readonly string[]): Promise<TargetScript>;
  /**
   * Makes one debugging request.
   *
   * @param thread - key of the thread; it decides which side is asked
   * @param side - asks this side, whatever the thread and the method would say
   */
  debug(method: DebugMethod, params?: object, thread?: number, side?: Side): Promise<unknown>;
  /**
   * For whoever has stopped a JavaScript thread natively for this cause, and before it is let go:
   * asks the agent to pause the thread, so that it stands again at once, in JavaScript. That pause is
   * told by `stops$` as one stop with this cause. The host is told not to stop it meanwhile.
   *
   * @param thread - key of the thread
   */
  bringToScript?(thread: number, cause: StopCause): Promise<void>;
  /** @param pattern - what may be there under such names is brought in and looked for first */
  refreshEventTypes(pattern?: string): Promise<readonly TypeInfo[]>;
  close(): Promise<void>;
}
