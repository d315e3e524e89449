/**
 * The JSON Array Format of the Trace Event Format, which Chrome DevTools and the Perfetto UI open:
 * one event a line, each after the first with a comma before it. The closing bracket is the trailer
 * of the file: it is there after each write, so that a file whose writer was killed is JSON. Where
 * it is missing all the same, Perfetto loads the file and DevTools does not.
 *
 * An event of something that took time is a complete event (`X`), which begins that long before it
 * was posted; any other is an instant (`I`: DevTools knows no `i`). Process and thread names are
 * metadata events (`M`).
 *
 * What the two demand beyond the document is written down as a check, in `testing/check-trace.ts`.
 *
 * @see Trace Event Format, https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 */
import type { EventItem } from '@extension-events/session';
import { BoundedMap } from './bounded-map.ts';
import { durationNs } from './duration.ts';
import type { Format, FormatSettings } from './format.ts';
import { escapeJson, payloadJson, toJson } from './json.ts';
import { Lanes } from './lanes.ts';
import { countEvents } from './count-events.ts';
import { toTraceJson } from './trace-json.ts';
import { micros, type TraceSpan, traceSpan } from './trace-time.ts';
import type { LoggedLoss } from './types.ts';

/** Linux has no tids from here on: further rows of a thread get numbers that no thread has. */
const firstFreeTid = 2 ** 22;
const mostThreads = 4096;
const logger = process.pid;

interface Marker {
  readonly name: string;
  readonly cat: string;
  /** Of all, of the process, of the thread. */
  readonly s: 'g' | 'p' | 't';
  readonly pid: number;
  readonly tid: number;
  readonly args: object;
}

export function chromeTraceFormat({ names }: FormatSettings): Format {
  /** What this file has been told: `pid` or `pid:tid` → name. */
  const told = new BoundedMap<string, string>(2 * mostThreads);
  const rows = new BoundedMap<string, Lanes>(mostThreads);
  let lastNs = Number(process.hrtime.bigint());

  const tellProcess = (pid: number): string => {
    const name = names.processName(pid) || `process ${pid}`;
    if (told.get(String(pid)) === name) return '';
    told.set(String(pid), name);
    return metadata('process_name', pid, pid, { name });
  };
  const tellThread = (pid: number, tid: number, row: number): string => {
    const shown = rowTid(tid, row);
    const key = `${pid}:${shown}`;
    const own = names.threadName(pid, tid) || `tid:${tid}`;
    const name = row === 0 ? own : `${own} (${row + 1})`;
    if (told.get(key) === name) return tellProcess(pid);
    told.set(key, name);
    const order = metadata('thread_sort_index', pid, shown, { sort_index: tid });
    return `${tellProcess(pid)}${metadata('thread_name', pid, shown, { name })}${order}`;
  };

  const instant = (item: EventItem): string => {
    const { event, pid, tid, timestampNs } = item;
    return `${tellThread(pid, tid, 0)},{${head(event)},"ph":"I","s":"t","ts":${micros(Math.round(timestampNs))},"pid":${pid},"tid":${tid},"args":${args(item)}}\n`;
  };
  const complete = (item: EventItem, { dur, ts }: TraceSpan, row: number): string => {
    const { event, pid, tid } = item;
    return `${tellThread(pid, tid, row)},{${head(event)},"ph":"X","ts":${ts},"dur":${dur},"pid":${pid},"tid":${rowTid(tid, row)},"args":${args(item)}}\n`;
  };
  const eventLines = (item: EventItem): string => {
    const { event, pid, tid, timestampNs } = item;
    const tookNs = durationNs(item, names.descriptor(pid, event));
    if (tookNs === undefined) return instant(item);
    // Whole nanoseconds: what is nested stays nested.
    const start = Math.max(0, Math.round(timestampNs - tookNs));
    const span = traceSpan(start, Math.round(timestampNs));
    const row = rows.getOrMake(`${pid}:${tid}`, () => new Lanes()).place(span);
    return row === undefined ? instant(item) : complete(item, span, row);
  };
  /** What the log itself has to tell, where it is now. */
  const marker = (what: Marker): string =>
    `,${toJson({ ...what, ph: 'I', ts: Math.round(lastNs) / 1000 })}\n`;
  const lossLines = ({ count, pattern, pid, reason, tid }: LoggedLoss): string => {
    const name = `${countEvents(count)} lost: ${reason}`;
    const of = pattern === undefined ? {} : { pattern };
    const what = { name, cat: 'loss', args: { count, reason, ...of } };
    if (pid === 0) return marker({ ...what, s: 'g', pid: logger, tid: logger });
    // Perfetto takes a tid of 0 for the main thread, and would give it a name of its own.
    if (tid === 0) return `${tellThread(pid, pid, 0)}${marker({ ...what, s: 'p', pid, tid: pid })}`;
    return `${tellThread(pid, tid, 0)}${marker({ ...what, s: 't', pid, tid })}`;
  };

  return {
    begin: () => {
      told.clear();
      // The one event without a comma; it names whose the last one is.
      return `[\n${metadata('process_name', logger, logger, { name: 'log' }).slice(1)}`;
    },
    event: (item) => {
      lastNs = item.timestampNs;
      return toTraceJson(escapeJson(eventLines(item)));
    },
    loss: (loss) => toTraceJson(lossLines(loss)),
    end: (summary) => {
      const name = summary === undefined ? 'continued in the next file' : 'end of the log';
      const { delivered, lost, matched, throttled } = summary ?? {};
      const account = { matched, delivered, lost, throttled };
      return marker({ name, cat: 'log', s: 'g', pid: logger, tid: logger, args: account });
    },
  };
}

function rowTid(tid: number, row: number): number {
  return tid + row * firstFreeTid;
}

function metadata(name: string, pid: number, tid: number, values: object): string {
  return `,${toJson({ name, ph: 'M', ts: 0, pid, tid, args: values })}\n`;
}

// Viewers filter by category: the first part of the name, or its scheme. Commas separate several.
function head(event: string): string {
  const category = /^[^.:]*/.exec(event)?.[0] ?? '';
  return `"name":${JSON.stringify(event)},"cat":${JSON.stringify(category.replaceAll(',', ' '))}`;
}

function args({ payload, stack }: EventItem): string {
  if (stack === undefined) return payloadJson(payload);
  return toJson({ ...payload, stack: stack.join('\n') });
}
