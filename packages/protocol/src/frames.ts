/**
 * The frames between a process that posts (its agent, or a host that posts for others) and the
 * consumers connected to its socket.
 *
 * On the wire a frame is `u32 length`, `u8 kind`, body; little endian, `length` counts kind and
 * body. Every body is UTF-8 JSON but that of `records`, which is raw (see {@link RecordsFrame}).
 * A consumer speaks first, with `hello`; the agent answers with `hello`, `threads`, `types`, and
 * then sends changes of the last two as they happen. A request carries `id`, its one answer has
 * the same kind and carries `re` with that number and, when refused, `error`.
 *
 * To add a kind: give it the next number in {@link frameKinds}, a type here, a check in
 * `check.ts`, golden bytes in `golden.test.ts`. Numbers are never used again.
 */
import type {
  AnyPayload,
  EventTypeDescriptor,
  RequestValues,
  Subject,
} from '@extension-events/core';

export const protocolVersion = 1;

export const frameKinds = {
  hello: 1,
  types: 2,
  threads: 3,
  listen: 4,
  unlisten: 5,
  arm: 6,
  'load-producer': 7,
  script: 8,
  records: 9,
  loss: 10,
  stop: 11,
  debug: 12,
  bye: 13,
} as const;
export type FrameKind = keyof typeof frameKinds;

/** What a consumer may do beyond listening; asked for in its hello, enforced in the agent. */
export type Grant = 'stop' | 'evaluate' | 'write';
export const grants: readonly Grant[] = ['stop', 'evaluate', 'write'];

/** An `ExtensionEventError` as plain data. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** A consumer's budget; what goes beyond it is throttled at the source and counted. */
export interface Budget {
  readonly eventsPerSecond?: number;
  readonly bytesPerSecond?: number;
  /** Share of a thread's time that this consumer's listens may cost, 0 to 1. */
  readonly threadShare?: number;
}

/** The first frame in either direction. */
export interface HelloFrame {
  readonly kind: 'hello';
  readonly protocol: number;
  readonly role: 'consumer' | 'agent' | 'host';
  /** The speaker's process. */
  readonly pid: number;
  /** What the speaker calls itself: `extev debug`, or the traced program's name. */
  readonly name: string;
  /** A consumer asks for these; an agent says which it has granted. */
  readonly grants: readonly Grant[];
  readonly budget?: Budget;
  /** Of an agent: `node 24.21.0`, and the entry script's package root for telling user code. */
  readonly runtime?: string;
  readonly root?: string;
  /** Of an agent: how many consumers are connected, this one included. */
  readonly consumers?: number;
  readonly error?: WireError;
}

/** One event type of the process and where it is registered. */
export interface TypeInfo {
  readonly descriptor: EventTypeDescriptor;
  /** Keys of the threads that registered it. */
  readonly threads: readonly number[];
  readonly listeners: number;
  /** Events posted while somebody listened, as far as they were counted. */
  readonly heard: number;
}

/** Says how to decode records: type number `index` of `thread` is `descriptor` from here on. */
export interface TypeDefinition {
  readonly thread: number;
  readonly index: number;
  readonly descriptor: EventTypeDescriptor;
}

/** agent → consumer: the name space, whole on hello and on request, then its changes. */
export interface TypesFrame {
  readonly kind: 'types';
  readonly id?: number;
  /** Of a request: what is there under names of this pattern is looked for first. */
  readonly pattern?: string;
  readonly re?: number;
  readonly error?: WireError;
  /** Present: this is the whole catalogue. */
  readonly types?: readonly TypeInfo[];
  readonly added?: readonly TypeInfo[];
  readonly removed?: readonly string[];
  /** Sent before the first record that needs it. */
  readonly define?: readonly TypeDefinition[];
}

/** Why a held thread stands, for those who did not stop it. */
export interface HeldBy {
  readonly event?: string;
  /** Names of the debuggers; none: another inspector. */
  readonly holders: readonly string[];
}

/** A thread of the process; `key` names it in this connection and is never used again. */
export interface ThreadInfo extends Subject {
  readonly key: number;
  readonly name: string;
  readonly state: 'running' | 'held' | 'ended';
  /** While it is held: the event that it stands at, when it is one, and who holds it. */
  readonly heldBy?: HeldBy;
  /** Posts on behalf of other threads; not a subject itself. */
  readonly isAgent?: boolean;
  /** `native`: a thread that only a host serves; its `threadId` is -1. Left out: JavaScript. */
  readonly runs?: 'native';
}

/** agent → consumer: whole on hello, then what changed. */
export interface ThreadsFrame {
  readonly kind: 'threads';
  readonly id?: number;
  readonly re?: number;
  readonly error?: WireError;
  readonly threads: readonly ThreadInfo[];
}

/** What makes a listen a catchpoint. */
export interface CatchOptions {
  /** Matching events to let pass before the first stop. */
  readonly ignore?: number;
  /** Remove the catchpoint after its first stop. */
  readonly temporary?: boolean;
}

/** consumer → agent: listen; the answer says on which threads it is in force. */
export interface ListenFrame {
  readonly kind: 'listen';
  readonly id?: number;
  /** Chosen by the consumer, unique in its connection; records, losses and stops name it. */
  readonly listen?: number;
  readonly pattern?: string;
  /** Only this subject: Node's threadId, or `tid:N`. */
  readonly thread?: string;
  readonly where?: string;
  readonly request?: RequestValues;
  readonly stack?: number;
  readonly eventsPerSecond?: number;
  readonly catch?: CatchOptions;
  readonly re?: number;
  readonly error?: WireError;
  /** Bit of the records' sets that stands for this listen. */
  readonly slot?: number;
  /** Keys of the threads where the listen is in force, and of those that have not answered yet. */
  readonly threads?: readonly number[];
  readonly pending?: readonly number[];
}

/** Why events that matched were not delivered. */
export const lossReasons = [
  'ring-full',
  'queue-full',
  'bad-payload',
  'too-large',
  're-entry',
  'predicate-failed',
] as const;
export type LossReason = (typeof lossReasons)[number];

/** The account of one listen on one thread: matched = delivered + lost + throttled. */
export interface Account {
  readonly thread: number;
  readonly matched: number;
  readonly lost: number;
  readonly throttled: number;
}

/** consumer → agent: end a listen; the answer comes after its last record and carries the accounts. */
export interface UnlistenFrame {
  readonly kind: 'unlisten';
  readonly id?: number;
  readonly listen?: number;
  readonly re?: number;
  readonly error?: WireError;
  readonly accounts?: readonly Account[];
}

/** agent → consumer: what became of the source of a requested type. */
export interface ArmFrame {
  readonly kind: 'arm';
  readonly listen: number;
  readonly event: string;
  readonly armId: number;
  readonly state: 'armed' | 'disarmed' | 'failed';
  readonly error?: WireError;
}

/** consumer → agent: load a producer's self-contained file; idempotent by `producer` and `door`. */
export interface LoadProducerFrame {
  readonly kind: 'load-producer';
  readonly id?: number;
  readonly producer?: string;
  readonly url?: string;
  /** `thread`: the file is evaluated in every thread. Left out: it is loaded beside them. */
  readonly door?: 'thread';
  readonly re?: number;
  readonly error?: WireError;
  readonly types?: readonly EventTypeDescriptor[];
}

export const scriptActions = ['install', 'collect', 'apply', 'throw', 'remove'] as const;
/**
 * `install`: compile `data` (a script) in every thread. `collect`: hand over the threads' `shares` of
 * its state. `apply`: the threads are to know `data` (a merged state). `throw`: post `data` (an event of
 * the script's). `remove`: end it; the answer has the last shares.
 */
export type ScriptAction = (typeof scriptActions)[number];

/**
 * consumer → agent or host: one request about a script. Its state and its text are plain data of the
 * script package. Unasked, the agent tells that a script wants to end (`exited`), has stopped itself
 * in some thread (`stopped`), or the shares of a thread that has ended.
 */
export interface ScriptFrame {
  readonly kind: 'script';
  readonly id?: number;
  /** Chosen by the consumer, unique in its connection. */
  readonly script?: number;
  readonly action?: ScriptAction;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly re?: number;
  readonly error?: WireError;
  readonly shares?: readonly Readonly<Record<string, unknown>>[];
  /** Threads that have not answered: they are inside a blocking call. */
  readonly pending?: number;
  readonly exited?: boolean;
  readonly stopped?: WireError;
}

/** agent → consumer: raw records of one thread's ring, whole, in order (core's `ring` door decodes them). */
export interface RecordsFrame {
  readonly kind: 'records';
  readonly thread: number;
  readonly bytes: Uint8Array;
}

/** agent → consumer: at this place of the thread's stream `count` matching events are missing. */
export interface LossFrame {
  readonly kind: 'loss';
  readonly listen: number;
  readonly thread: number;
  readonly reason: LossReason;
  readonly count: number;
}

/** Generated position, as V8 has it: both numbers count from 0. */
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

/** One frame of a held thread, innermost first. */
export interface StopFrameInfo {
  readonly callFrameId: string;
  readonly functionName: string;
  readonly url: string;
  readonly sourceMapUrl?: string;
  readonly position: ScriptPosition;
  /** Not `node:`, not ours, not a dependency below the entry script's package root. */
  readonly isUser: boolean;
  readonly scopes: readonly ScopeInfo[];
  readonly thisObjectId?: string;
}

/** Why a thread stands. */
export type StopCause =
  | {
      readonly type: 'event';
      readonly listens: readonly number[];
      readonly event: string;
      readonly payload: AnyPayload;
      readonly timestampNs: number;
    }
  | { readonly type: 'breakpoint'; readonly breakpoints: readonly string[] }
  /** `returned`: what the function returned that the step has left, as V8's `RemoteObject`. */
  | { readonly type: 'step'; readonly returned?: unknown }
  | { readonly type: 'pause' }
  | { readonly type: 'foreign'; readonly reason: string };

/** agent → consumer: a thread is held, or runs again. */
export interface StopFrame {
  readonly kind: 'stop';
  readonly thread: number;
  /** Held: why and where. Absent: the thread runs again. */
  readonly cause?: StopCause;
  readonly frames?: readonly StopFrameInfo[];
  /** Where an event's stop landed: exactly there, only in its function, or in a frame that is not user code. */
  readonly landed?: 'exact' | 'function' | 'elsewhere' | 'in-place';
  /** Plain sentences for the user about this stop: foreign inspectors, settled positions. */
  readonly notes?: readonly string[];
  /** Names of the other debuggers that hold this stop too. */
  readonly holders?: readonly string[];
  /** Runs again: who let it. */
  readonly resumedBy?: 'continue' | 'foreign' | 'timeout' | 'watchdog';
}

/** consumer → agent: one debugging request on a thread; grants decide (see `debug.ts`). */
export interface DebugFrame {
  readonly kind: 'debug';
  readonly id?: number;
  readonly thread?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly re?: number;
  readonly error?: WireError;
  readonly result?: unknown;
}

/** Either side, last: why the connection ends. `exit`: the process ends and its tail was drained. */
export interface ByeFrame {
  readonly kind: 'bye';
  readonly reason: 'done' | 'exit' | 'agent-ends' | 'protocol-error';
  readonly exitCode?: number;
  readonly error?: WireError;
  /** The accounts of the listens that were still open. */
  readonly accounts?: readonly (Account & { readonly listen: number })[];
}

export type Frame =
  | HelloFrame
  | TypesFrame
  | ThreadsFrame
  | ListenFrame
  | UnlistenFrame
  | ArmFrame
  | LoadProducerFrame
  | ScriptFrame
  | RecordsFrame
  | LossFrame
  | StopFrame
  | DebugFrame
  | ByeFrame;
