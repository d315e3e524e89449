import type { Writable } from 'node:stream';
import { FileOutput } from './file-output.ts';
import { openPipe } from './open-pipe.ts';
import { StreamOutput } from './stream-output.ts';
import type { RotateOptions } from './types.ts';

/** Where whole lines go. */
export interface Output {
  /** Bytes that were written, of all files together. */
  readonly bytes: number;
  /** Files that were begun; 0 for what is no file. */
  readonly files: number;
  /** Older files that were removed because there were more than are to be kept. */
  readonly removed: number;
  readonly isTerminal: boolean;
  /**
   * Something is to be written, or nothing after all: up to here a file is as it was before.
   *
   * @throws ExtensionEventError `EE_LOG_OPEN`
   */
  open(): void;
  /** Is it time for another file, before so many bytes more? */
  wantsRotation(bytes: number): boolean;
  rotate(): void;
  /**
   * Takes some lines, or none of them where there is no room now.
   *
   * @param onWritten - called when they are where they are to be
   * @param isForced - they are few, and there must be room
   * @throws ExtensionEventError `EE_LOG_FULL`, `EE_LOG_WRITE`, `EE_LOG_READER_GONE`
   */
  write(lines: string, onWritten?: () => void, isForced?: boolean): boolean;
  /** Told of failures that come later than the write, and when there is room again. */
  watch(watcher: OutputWatcher): void;
  /** Resolves when everything was handed over. */
  end(): Promise<void>;
}

export interface OutputWatcher {
  failed(error: unknown): void;
  hasRoom(): void;
}

/** What outputs are opened with. */
export interface OutputSettings {
  /** Ends what is written: always there in a file, at the end in a stream. */
  readonly trailer?: string;
  readonly rotate?: RotateOptions;
  readonly bufferBytes?: number;
  readonly flushMs?: number;
}

/** @throws ExtensionEventError `EE_LOG_OPEN` */
export function openOutput(out: string | Writable, settings: OutputSettings): Output {
  if (typeof out !== 'string') return new StreamOutput(out, settings);
  const pipe = openPipe(out);
  if (pipe !== undefined) return new StreamOutput(pipe, settings, out);
  return new FileOutput(out, settings);
}
