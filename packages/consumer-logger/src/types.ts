import type { Writable } from 'node:stream';
import type { Observable } from 'rxjs';
import type { ExtensionEventError, RequestValues } from '@extension-events/core';
import type { ListenOptions, LossItem, Summary, TargetConnection } from '@extension-events/session';

/** How events are written down. */
export type LogFormatName = 'text' | 'ndjson' | 'chrome-trace';

/** When a file is closed and the next one begun, and how many are kept. */
export interface RotateOptions {
  /** A file does not grow beyond so many bytes, but for the lines that close it. */
  readonly bytes?: number;
  /** A file covers no more than so many milliseconds. */
  readonly ms?: number;
  /** Closed files that are kept beside the current one, `log.1.ndjson` being the newest; 5 when left out. */
  readonly keep?: number;
}

/** What to log, and where to. */
export interface LoggerOptions {
  /** Names or patterns, each a listen of its own: an event that two of them match is written twice. */
  readonly patterns: readonly (string | ListenOptions)[];
  /** A path, which is overwritten; or a stream, which is not ended. */
  readonly out: string | Writable;
  /** When left out: what the ending of the path says (see {@link formatOfPath}), else text. */
  readonly format?: LogFormatName;
  /** Predicate text, for the patterns that are given as strings. */
  readonly where?: string;
  /** Parameters of a requested type, for the patterns that are given as strings. */
  readonly request?: RequestValues;
  /** Frames of the poster's stack, for the patterns that are given as strings. */
  readonly stack?: number;
  /** Only these processes of the session; all, present and future, when left out. */
  readonly targets?: (target: TargetConnection) => boolean;
  /** For paths. */
  readonly rotate?: RotateOptions;
  /** End after so many events, exactly. */
  readonly maxHit?: number;
  /** For text; when left out: on a terminal, unless NO_COLOR is set. */
  readonly colour?: boolean;
  /** What a stream may hold back before events are counted as lost; 4 MiB when left out. */
  readonly bufferBytes?: number;
  /** How long the end waits for a stream that does not take what it holds, in milliseconds; 5 000 when left out. */
  readonly flushMs?: number;
}

/** Why a logger has ended. */
export type LoggerEnd = 'closed' | 'max-hit' | 'failed';

/** The account: matched = delivered + lost + throttled; delivered means written. */
export interface LoggerSummary extends Summary {
  /** Bytes that were written, of all files together. */
  readonly bytes: number;
  /** Files that were begun; 0 for a stream. */
  readonly files: number;
  /** Older files that were removed because there were more than `rotate.keep`. */
  readonly removed: number;
  /** Left out while it runs. */
  readonly why?: LoggerEnd;
  /** Why it failed. */
  readonly error?: ExtensionEventError;
}

/** Something that the user should know and that ends nothing. */
export interface LoggerNotice {
  /**
   * `refused`: this process does not serve the listen. `ended`: it ended before it had answered.
   * `not-heard`: an event type there cannot be
   * armed. `pending`: threads inside a blocking call are heard after it. `silent`: an agent did not
   * answer at the end. `slow`: the output takes less than comes.
   */
  readonly kind: 'refused' | 'ended' | 'not-heard' | 'pending' | 'silent' | 'slow';
  readonly message: string;
  readonly pid?: number;
  /** The event type that is not heard. */
  readonly event?: string;
  readonly error?: ExtensionEventError;
}

/** Writes events down until it is closed, has enough, or cannot write any more. */
export interface Logger extends AsyncDisposable {
  /**
   * Resolves when each process that was there at the start has answered. Rejects with the refusal
   * when there was one, and all refused; the logger has ended then, and nothing was written. A process
   * that has ended meanwhile refuses nothing.
   */
  readonly ready: Promise<void>;
  /** Resolves at the end, however it comes; `why` and `error` tell. */
  readonly ended: Promise<LoggerSummary>;
  readonly notices$: Observable<LoggerNotice>;
  /** The account so far. */
  readonly summary: LoggerSummary;
  /** Ends the listens, writes what they still had to tell, and closes the output. */
  close(): Promise<LoggerSummary>;
}

/** Events that are missing at this place of a log. */
export interface LoggedLoss {
  /** 0 where the process or the thread is not known. */
  readonly pid: number;
  readonly tid: number;
  readonly count: number;
  /** `slow-output`: the stream did not take them in time. */
  readonly reason: LossItem['reason'] | 'slow-output';
  readonly pattern?: string;
}
