/**
 * What the debugger needs of a connected process, as structure: anything that has these members
 * can be debugged (`session`'s `Connection`, or a fake in a test).
 */
import type { AnyPayload, EventTypeDescriptor, RequestValues } from '@extension-events/core';

export type { AnyPayload };
import type { Observable } from 'rxjs';

export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export interface ThreadInfo {
  readonly key: number;
  readonly tid: number;
  readonly threadId: number;
  readonly name: string;
  readonly state: 'running' | 'held' | 'ended';
  readonly isAgent?: boolean;
}

export interface TypeInfo {
  readonly descriptor: EventTypeDescriptor;
  readonly threads: readonly number[];
  readonly listeners: number;
  readonly heard: number;
}

export interface ScriptPosition {
  readonly scriptId: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

export interface ScopeInfo {
  readonly type: string;
  readonly name?: string;
  readonly objectId: string;
}

export interface StopFrameInfo {
  readonly callFrameId: string;
  readonly functionName: string;
  readonly url: string;
  readonly sourceMapUrl?: string;
  readonly position: ScriptPosition;
  readonly isUser: boolean;
  readonly scopes: readonly ScopeInfo[];
  readonly thisObjectId?: string;
}

export type StopCause =
  | {
      readonly type: 'event';
      readonly listens: readonly number[];
      readonly event: string;
      readonly payload: AnyPayload;
      readonly timestampNs: number;
    }
  | { readonly type: 'breakpoint'; readonly breakpoints: readonly string[] }
  | { readonly type: 'step' }
  | { readonly type: 'pause' }
  | { readonly type: 'foreign'; readonly reason: string };

export interface StopFrame {
  readonly kind: 'stop';
  readonly thread: number;
  readonly cause?: StopCause;
  readonly frames?: readonly StopFrameInfo[];
  readonly landed?: 'exact' | 'function' | 'elsewhere' | 'in-place';
  readonly notes?: readonly string[];
  readonly holders?: readonly string[];
  readonly resumedBy?: 'continue' | 'foreign' | 'timeout' | 'watchdog';
}

export interface ArmFrame {
  readonly listen: number;
  readonly event: string;
  readonly armId: number;
  readonly state: 'armed' | 'disarmed' | 'failed';
  readonly error?: WireError;
}

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
  debug(method: string, params?: object, thread?: number): Promise<unknown>;
}
