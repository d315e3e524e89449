/**
 * What the debugger needs of a connected process, as structure: anything that has these members
 * can be debugged (`session`'s `TargetConnection` or `Connection`, or a fake in a test).
 */
import type { AnyPayload, RequestValues } from '@extension-events/core';

export type { AnyPayload };
import type { Observable } from 'rxjs';

export type {
  ArmFrame,
  ScopeInfo,
  ScriptPosition,
  StopCause,
  StopFrame,
  StopFrameInfo,
  ThreadInfo,
  TypeInfo,
  Verdict,
  WireError,
} from '@extension-events/session';
import type {
  ArmFrame,
  StopFrame,
  ThreadInfo,
  TypeInfo,
  WireError,
} from '@extension-events/session';

export interface ConnectionEnd {
  readonly reason: 'bye' | 'closed' | 'lost';
  readonly bye?: {
    readonly reason: string;
    readonly exitCode?: number;
    readonly error?: WireError;
  };
}

export interface ListenOptions {
  readonly pattern: string;
  readonly thread?: string;
  readonly where?: string;
  readonly request?: RequestValues;
  readonly catch?: { readonly ignore?: number; readonly temporary?: boolean };
}

export interface ListenItem {
  readonly kind: string;
  readonly event?: string;
  readonly payload?: AnyPayload;
}

export interface Listening {
  readonly id: number;
  readonly ready: Promise<{
    readonly threads: readonly number[];
    readonly pending: readonly number[];
  }>;
  readonly items$: Observable<ListenItem>;
  unlisten(): Promise<unknown>;
}

export interface Connection {
  readonly pid: number;
  readonly hello: {
    readonly name: string;
    readonly grants: readonly string[];
    readonly runtime?: string;
    readonly root?: string;
  };
  readonly threads: readonly ThreadInfo[];
  readonly eventTypes: readonly TypeInfo[];
  readonly threads$: Observable<readonly ThreadInfo[]>;
  readonly eventTypes$: Observable<readonly TypeInfo[]>;
  readonly stops$: Observable<StopFrame>;
  readonly arms$: Observable<ArmFrame>;
  readonly ended: Promise<ConnectionEnd>;
  open(options: ListenOptions): Listening;
  debug(
    method: string,
    params?: object,
    thread?: number,
    side?: 'agent' | 'host',
  ): Promise<unknown>;
  /** Who serves the process; left out by a connection to an agent alone. */
  readonly sides?: { readonly agent: boolean; readonly host: boolean };
  /** Troubles that end nothing. */
  readonly notices$?: Observable<{ readonly kind: string; readonly error: WireError }>;
}
