import type { EventTypeDescriptor } from '@extension-events/core';
import type { EventItem, Summary } from '@extension-events/session';
import { chromeTraceFormat } from './chrome-trace-format.ts';
import { ndjsonFormat } from './ndjson-format.ts';
import { textFormat } from './text-format.ts';
import type { LoggedLoss, LogFormatName } from './types.ts';

/** What a format may ask about the subjects of events. */
export interface Names {
  processName(pid: number): string | undefined;
  threadName(pid: number, tid: number): string | undefined;
  descriptor(pid: number, event: string): EventTypeDescriptor | undefined;
}

/** How text is painted; not at all in files. */
export type Paint = (style: 'bold' | 'dim' | 'red', text: string) => string;

/**
 * Turns events into whole lines. Every line can be read without those after it, so that a file is
 * readable up to its last line feed, whenever its writer is killed.
 */
export interface Format {
  /** Opens a file; whatever the format has told in the one before, it tells again. */
  begin(): string;
  event(item: EventItem): string;
  loss(loss: LoggedLoss): string;
  /** The last lines of a file, before its trailer; without a summary, when it is continued in another one. */
  end(summary: Summary | undefined): string;
}

/** What a format is made of. */
export interface FormatSettings {
  readonly names: Names;
  readonly paint: Paint;
  /** Somebody reads it as it comes: the account is told beside it, by whoever logs. */
  readonly isTerminal: boolean;
}

const formats: Readonly<Record<LogFormatName, (settings: FormatSettings) => Format>> = {
  text: textFormat,
  ndjson: ndjsonFormat,
  'chrome-trace': chromeTraceFormat,
};

/**
 * What stands after the last line of a file, and is overwritten by the next one: it makes a file whole
 * for those that want it whole. After the bracket of a trace comes nothing, not even a line feed:
 * Perfetto reads a file in pieces, and refuses one whose last piece begins after the bracket.
 */
export const trailers: Readonly<Record<LogFormatName, string>> = {
  text: '',
  ndjson: '',
  'chrome-trace': ']',
};

/** The formats, by name. */
export const logFormats: readonly LogFormatName[] = ['text', 'ndjson', 'chrome-trace'];

export function createFormat(name: LogFormatName, settings: FormatSettings): Format {
  return formats[name](settings);
}

/** The format that the ending of a path stands for; `undefined` where it says nothing. */
export function formatOfPath(path: string): LogFormatName | undefined {
  if (/\.(ndjson|jsonl)$/i.test(path)) return 'ndjson';
  if (/\.json$/i.test(path)) return 'chrome-trace';
  return /\.(txt|log)$/i.test(path) ? 'text' : undefined;
}
