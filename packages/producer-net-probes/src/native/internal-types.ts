import type { AnyPayload, Arming, Comparison } from '@extension-events/core';
import type { PerfSample } from '@extension-events/platform-linux';
import type { SocketBook } from './socket-book.ts';
import type { SocketTable } from './socket-table.ts';

/** What a source needs of an arming; filtered types take no parameters. */
export type NetArming = Pick<Arming, 'armId' | 'isStop' | 'lose' | 'narrow' | 'post' | 'subject'>;

/** What the kernel's records and the socket table say of a socket. */
export interface SocketFacts {
  readonly family?: string;
  readonly protocol?: string;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
}

/** The arguments of the system call that a sample was taken in. */
export interface CallArguments {
  readonly first: bigint;
  readonly second: bigint;
  readonly stackPointer: bigint;
}

/** A decoded record: values by the names of the tracepoint's fields. */
export type Values = AnyPayload;

/** What a tracepoint is opened for. */
export interface Heard {
  /** `system:name`. */
  readonly tracepoint: string;
  /** The kernel keeps only these; see Documentation/trace/events.rst. */
  readonly filter: string;
  /** Comparisons of the event's fields as the kernel can make them; others are left out. */
  readonly translate?: (narrow: readonly Comparison[]) => readonly Comparison[];
  /** Bytes of the user's stack in each sample. */
  readonly stackBytes?: number;
  /** Is one record to stop its thread, where the event is caught? */
  readonly stops: boolean;
  /** On any CPU for whatever thread: the other end of what a thread began. */
  readonly isSystemWide?: boolean;
  /** Where the kernel does not have it, or does not show it, less is known. */
  readonly isOptional?: boolean;
  /** It says nothing where the states of connections are not shown. */
  readonly needsStates?: boolean;
  /** What to post for a record, if anything. */
  readonly take: (values: Values, sample: PerfSample, armId: number) => Told | undefined;
}

/** What is to be posted for a record. */
export interface Told {
  readonly payload: AnyPayload;
  /** The thread that it is about, where the record was taken in another one. */
  readonly tid?: number;
}

/** What the sources know of the process. */
export interface Knowledge {
  readonly book: SocketBook;
  readonly table: SocketTable;
  /** The states of connections are not shown to this user: the table must do. */
  isBlind: boolean;
}
