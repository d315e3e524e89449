import type { Predicate, Tap, TapAccount, TapOptions } from './tap.ts';
import type { AnyPayload, RequestValues, Subject } from './types.ts';
import { warn } from './warn.ts';

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

export interface ListenOptions<P = AnyPayload, R = RequestValues> {
  /** Evaluated in the post, before anything is copied. Throwing ends the listen. */
  readonly where?: (payload: P) => boolean;
  /** Parameters of a requested type. */
  readonly request?: R;
  /** Subject of a requested type. */
  readonly subject?: Subject;
  /** Frames of the poster's stack to attach; at most 200 stacks a second are taken. */
  readonly stack?: number;
  readonly signal?: AbortSignal;
  /**
   * Told when the callback or `where` throws, and the listen is over then; also when a source that
   * came later, or took its time, refuses to be armed. Default: a process warning.
   */
  readonly onError?: (error: unknown) => void;
}

/** An active listen. When `unlisten` has returned, no callback of it can still come. */
export interface Listening extends Disposable {
  unlisten(): void;
  /**
   * matched = delivered + lost + throttled, once nothing waits for the safe point; exact as soon as
   * the listen is over, when what still waited has become lost.
   */
  readonly account: TapAccount;
}

/** What {@link listenLocally} needs of a registry. */
interface Taps {
  tap(options: TapOptions): Tap;
  untap(tap: Tap): void;
}

/**
 * Listens in this thread's own code: a `local` tap whose failures are thrown at once, or told later.
 *
 * @param bare - hand over payloads alone
 */
export function listenLocally(
  taps: Taps,
  pattern: string,
  run: (event: never) => void,
  options: ListenOptions,
  bare: boolean,
): Listening {
  const { where, signal, onError, ...rest } = options;
  let setUp: { failure?: unknown } | undefined = {};
  const onFailure = (_name: string, error: unknown): void => {
    if (setUp !== undefined) setUp = { failure: error, ...setUp };
    else tellError(onError, error);
  };
  const predicate = where && { where: (): Predicate => where };
  const tap = taps.tap({ ...rest, ...predicate, mode: 'local', pattern, run, bare, onFailure });
  const unlisten = (): void => {
    signal?.removeEventListener('abort', unlisten);
    taps.untap(tap);
  };
  const { failure } = setUp;
  setUp = undefined;
  if (failure !== undefined) {
    unlisten();
    throw failure as Error;
  }
  if (signal?.aborted === true) unlisten();
  else signal?.addEventListener('abort', unlisten, { once: true });
  return {
    unlisten,
    [Symbol.dispose]: unlisten,
    get account() {
      return tap.account;
    },
  };
}

function tellError(onError: ListenOptions['onError'], error: unknown): void {
  if (onError === undefined) {
    warn('a listener threw and was unlistened', error);
    return;
  }
  try {
    onError(error);
  } catch (thrown) {
    warn('onError of a listener threw', thrown);
  }
}
