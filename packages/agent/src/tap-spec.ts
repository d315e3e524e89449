import type { WireError } from '@extension-events/protocol';
import type { ScriptInstall, ScriptNews, ScriptShare } from './thread-scripts.ts';
import type { ThreadProducerFile } from './thread-producers.ts';
import type { BudgetLimits, RequestValues, Subject, TapMode } from '@extension-events/core';

/** One listen as it travels from the agent to a thread: plain data. */
export interface TapSpec {
  /** The agent's number for it, unique in the process. */
  readonly id: number;
  readonly pattern: string;
  readonly mode: TapMode;
  /** Slot of the ring's sets and counters (records only). */
  readonly slot?: number;
  readonly where?: string;
  readonly request?: RequestValues;
  /** What the consumer may do, beyond listening. */
  readonly grants?: readonly string[];
  readonly subject?: Subject;
  readonly stack?: number;
  readonly ignore?: number;
  readonly temporary?: boolean;
  /** Taps with the same consumer share its budget. */
  readonly consumer: number;
  readonly budget?: BudgetLimits;
}

/** A type that matched a tap but cannot be served by it. */
export interface TapFailure {
  readonly id: number;
  readonly name: string;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}

/** What a thread answers when a listen is put in force on it. */
export interface TapAnswer {
  /** Does an event type here serve it? */
  readonly isServed: boolean;
  /** The event types that match it but cannot serve it. */
  readonly failures: readonly TapFailure[];
}

/** Everything a thread needs to join: given by the agent, or inherited by a new worker. */
export interface JoinData {
  /** The agent that asks: what an earlier one left behind is undone first. */
  readonly agent: string;
  /** Name of the process's BroadcastChannel between threads and the agent. */
  readonly channel: string;
  /** The thread side's own file, for the workers of workers. */
  readonly file: string;
  readonly ringBytes: number;
  readonly taps: readonly TapSpec[];
  /** What is to run in the thread; come before the taps, which may name their types. */
  readonly producers: readonly ThreadProducerFile[];
  /** Scripts that run in all threads. */
  readonly scripts: readonly ScriptInstall[];
}

/** What threads say to the agent on the channel. */
export type ThreadMessage =
  | {
      readonly kind: 'joined';
      readonly threadId: number;
      readonly tid: number;
      readonly words: Int32Array;
      readonly ring: SharedArrayBuffer;
    }
  | { readonly kind: 'types-changed'; readonly threadId: number }
  | { readonly kind: 'failure'; readonly threadId: number; readonly failure: TapFailure }
  | {
      readonly kind: 'armed';
      readonly threadId: number;
      readonly id: number;
      readonly name: string;
      readonly armId: number;
    }
  | { readonly kind: 'script'; readonly threadId: number; readonly news: ScriptNews }
  /** A producer that runs in other threads cannot work in this one, which came later. */
  | {
      readonly kind: 'producer-refused';
      readonly threadId: number;
      readonly producer: string;
      readonly error: WireError;
    }
  /** A worker ends, with what its scripts have gathered. */
  | { readonly kind: 'shares'; readonly threadId: number; readonly shares: readonly ScriptShare[] }
  | {
      readonly kind: 'exiting';
      readonly threadId: number;
      readonly exitCode: number;
      readonly shares: readonly ScriptShare[];
    };
