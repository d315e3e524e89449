import type { TapAccount } from './tap.ts';
import type { AnyPayload, RequestValues, Subject } from './types.ts';

/** One event, as a listener by pattern hears it. */
export interface PostedEvent<P = AnyPayload> {
  readonly name: string;
  readonly payload: P;
  /** CLOCK_MONOTONIC. */
  readonly timestampNs: number;
  readonly subject: Subject;
  /** Contiguous per listen; a gap is a loss. */
  readonly seq: number;
  /** Frames, innermost first, when asked for. */
  readonly stack?: string;
}

export interface ListenOptions<P = AnyPayload> {
  /** Evaluated in the post, before anything is copied. Throwing ends the listen. */
  readonly where?: (payload: P) => boolean;
  /** Parameters of a requested type. */
  readonly request?: RequestValues;
  /** Subject of a requested type. */
  readonly subject?: Subject;
  /** Frames of the poster's stack to attach; at most 200 stacks a second are taken. */
  readonly stack?: number;
  readonly signal?: AbortSignal;
  /** Told when the callback or `where` throws; the listen is over then. Default: a process warning. */
  readonly onError?: (error: unknown) => void;
}

/** An active listen. When `unlisten` has returned, no callback of it can still come. */
export interface Listening extends Disposable {
  unlisten(): void;
  /** matched = delivered + lost + throttled, once nothing waits for the safe point. */
  readonly account: TapAccount;
}
