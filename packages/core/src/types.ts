/** What a field of an event holds. Lengths, counts and durations are `u32` or `f64`; `u64`/`i64` are `bigint`. */
export type FieldType =
  | 'bool'
  | 'u8'
  | 'u16'
  | 'u32'
  | 'u64'
  | 'i8'
  | 'i16'
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64'
  | 'string'
  | 'bytes'
  | 'stack';

/** One field: its type, and what a reader needs to make sense of the number. */
export interface FieldDescriptor {
  readonly type: FieldType;
  /** UCUM symbol or a plain word: `By`, `ms`, `ns`, `1`, `Hz`, `{sample}`. */
  readonly unit?: string;
  readonly description?: string;
  /** An optional field may be missing from a payload; readers then see no key. */
  readonly optional?: boolean;
  /** Addresses and masks: people read them in base 16. */
  readonly base?: 16;
  /** Of use to tools: one-line summaries for people leave it out. */
  readonly detail?: boolean;
}

/** One parameter of a requested type's arming; a parameter without a default may be left out. */
export interface RequestParameter extends FieldDescriptor {
  readonly default?: number | string | boolean;
  /** Smallest and largest accepted number. */
  readonly min?: number;
  readonly max?: number;
  /** Accepted strings. */
  readonly oneOf?: readonly string[];
  /**
   * Any value but the default does more to the thread than listening may: a consumer of an agent
   * needs this grant for it. Code that listens in its own process may do anyway.
   */
  readonly grant?: 'stop';
}

export type Fields = Readonly<Record<string, FieldDescriptor>>;
export type RequestParameters = Readonly<Record<string, RequestParameter>>;

interface ValueOf {
  bool: boolean;
  u8: number;
  u16: number;
  u32: number;
  u64: bigint;
  i8: number;
  i16: number;
  i32: number;
  i64: bigint;
  f32: number;
  f64: number;
  string: string;
  bytes: Uint8Array;
  /** Frames, innermost first, one a line, as V8 prints them without `    at `. */
  stack: string;
}

type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends { readonly optional: true } ? K : never;
}[keyof F];

/** The payload that `post` takes for these fields. */
export type Payload<F extends Fields = Fields> = {
  readonly [K in Exclude<keyof F, OptionalKeys<F>>]: ValueOf[F[K]['type']];
} & { readonly [K in OptionalKeys<F>]?: ValueOf[F[K]['type']] };

/** A payload whose type is not known at compile time. */
export type AnyPayload = Readonly<Record<string, FieldValue | undefined>>;
export type FieldValue = boolean | number | bigint | string | Uint8Array;

/** `filtered`: the source fires anyway and the post is checked. `requested`: the source runs only while armed. */
export type EventKind = 'filtered' | 'requested';

/** One comparison of a field with a constant; `&` asks whether any of the bits is set. */
export interface Comparison {
  readonly field: string;
  readonly op: '==' | '!=' | '<' | '<=' | '>' | '>=' | '&';
  readonly value: number | bigint | string | boolean;
}

/**
 * Why events of a type are posted, when each of them follows from another event: whoever hears that
 * one can foretell this one. A debugger stops a native thread so, in the very system call, where a
 * post from beside it would come too late.
 */
export interface EventCause {
  /** The event that it follows from: one name, of any scheme. */
  readonly event: string;
  /** Parameters of that event, where it is requested. */
  readonly request?: RequestValues;
  /** A predicate over its fields: this event follows when it holds. Left out: always. */
  readonly where?: string;
  /** For fields of this type, expressions over the fields of that event. */
  readonly fields?: Readonly<Record<string, string>>;
  /** What cannot be foretold, in a sentence without a full stop: a stop for it comes late. */
  readonly late?: string;
}

/** Everything a reader may know of an event type; plain data, the same in every process. */
export interface EventTypeDescriptor {
  readonly name: string;
  readonly kind: EventKind;
  readonly description: string;
  readonly fields: Fields;
  /** Parameters of a requested type. */
  readonly request?: RequestParameters;
  readonly stability?: 'stable' | 'experimental';
  /**
   * The fields are learned from the first event: the type is then registered anew with all of them.
   * Until then a predicate on a field that is not there yet is no error; it waits.
   */
  readonly isProvisional?: boolean;
  /** Id of the producer that registered it, when known. */
  readonly producer?: string;
  /** What it follows from; of no account when schemas are compared. */
  readonly cause?: EventCause;
}

/** The validated parameters of one arming, of a type that is not known at compile time. */
export type RequestValues = Readonly<Record<string, number | string | boolean>>;

type ParameterValue<P extends RequestParameter> = P['type'] extends 'bool'
  ? boolean
  : P['type'] extends 'string'
    ? P extends { readonly oneOf: readonly (infer S)[] }
      ? S
      : string
    : number;

type SureParameters<R extends RequestParameters> = {
  [K in keyof R]: R[K] extends { readonly default: unknown }
    ? K
    : R[K] extends { readonly optional: true }
      ? never
      : K;
}[keyof R];

/** What a source finds in its arming: defaults are filled in. */
export type RequestOf<R extends RequestParameters> = string extends keyof R
  ? RequestValues
  : { readonly [K in SureParameters<R>]: ParameterValue<R[K]> } & {
      readonly [K in Exclude<keyof R, SureParameters<R>>]?: ParameterValue<R[K]>;
    };

type NeededParameters<R extends RequestParameters> = {
  [K in keyof R]: R[K] extends { readonly default: unknown } | { readonly optional: true }
    ? never
    : K;
}[keyof R];

/** What a listener gives: parameters with a default may be left out. */
export type RequestGiven<R extends RequestParameters> = string extends keyof R
  ? RequestValues
  : { readonly [K in NeededParameters<R>]: ParameterValue<R[K]> } & {
      readonly [K in Exclude<keyof R, NeededParameters<R>>]?: ParameterValue<R[K]>;
    };

/** A thread an event is about. `tid` is Linux's number, `threadId` is Node's (0 = main). */
export interface Subject {
  readonly tid: number;
  readonly threadId: number;
}

/** Known event names and their payloads; augment it with `declare module '@extension-events/core'`. */
// oxlint-disable-next-line typescript/no-empty-object-type -- the point of the interface is to be augmented
export interface EventMap {}

/** The payload of a name that {@link EventMap} knows, else {@link AnyPayload}. */
export type PayloadOf<N extends string> = N extends keyof EventMap ? EventMap[N] : AnyPayload;
