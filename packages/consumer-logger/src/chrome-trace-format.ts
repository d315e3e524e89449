/**
 * The JSON Array Format of the Trace Event Format, which Chrome DevTools and the Perfetto UI open:
 * one event a line, each after the first with a comma before it. The closing bracket is the trailer
 * of the file: it is there after each write, so that a file whose writer was killed is JSON. Where
 * it is missing all the same, Perfetto loads the file and DevTools does not.
 *
 * An event of something that took time is a complete event (`X`), which begins that long before it
 * was posted; any other is an instant (`i`). Process and thread names are metadata events (`M`).
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
import type { LoggedLoss } from './types.ts';

/** Linux has no tids from here on: further rows of a thread get numbers that no thread has. */
const firstFreeTid = 2 ** 22;
const mostThreads = 4096;

export function chromeTraceFormat({ names }: FormatSettings): Format {
  /** What this file has been told: `pid` or `pid:tid` → name. */
  const told = new BoundedMap<string, string>(2 * mostThreads);
  const rows = new BoundedMap<string, Lanes>(mostThreads);
  let lastNs = Number(process.hrtime.bigint());

  const tellProcess = (pid: number): string => {
    const name = names.processName(pid) ?? `process ${pid}`;
    if (told.get(String(pid)) === name) return '';
    told.set(String(pid), name);
    return metadata('process_name', pid, pid, { name });
  };
  const tellThread = (pid: number, tid: number, row: number): string => {
    const shown = rowTid(tid, row);
    const key = `${pid}:${shown}`;
    const own = names.threadName(pid, tid) ?? `tid:${tid}`;
    const name = row === 0 ? own : `${own} (${row + 1})`;
    if (told.get(key) === name) return tellProcess(pid);
    told.set(key, name);
    const order = metadata('thread_sort_index', pid, shown, { sort_index: tid });
    return `${tellProcess(pid)}${metadata('thread_name', pid, shown, { name })}${order}`;
  };

  const instant = (item: EventItem): string => {
    const { event, pid, tid, timestampNs } = item;
    return `${tellThread(pid, tid, 0)},{${head(event)},"ph":"i","s":"t","ts":${micros(Math.round(timestampNs))},"pid":${pid},"tid":${tid},"args":${args(item)}}\n`;
  };
  const complete = (item: EventItem, tookNs: number): string => {
    const { event, pid, tid, timestampNs } = item;
    // Whole nanoseconds: what is nested stays nested.
    const end = Math.round(timestampNs);
    const start = Math.max(0, Math.round(timestampNs - tookNs));
    const row = rows.getOrMake(`${pid}:${tid}`, () => new Lanes()).place(start, end);
    return `${tellThread(pid, tid, row)},{${head(event)},"ph":"X","ts":${micros(start)},"dur":${micros(end - start)},"pid":${pid},"tid":${rowTid(tid, row)},"args":${args(item)}}\n`;
  };
  const lossEvent = ({ count, pattern, pid, reason, tid }: LoggedLoss): string => {
    const of = pattern === undefined ? {} : { pattern };
    return `${tellThread(pid, tid, 0)},${toJson({ name: `${countEvents(count)} lost: ${reason}`, cat: 'loss', ph: 'i', s: tid === 0 ? 'p' : 't', ts: lastNs / 1000, pid, tid, args: { count, reason, ...of } })}\n`;
  };

  return {
    begin: () => {
      told.clear();
      // The one event without a comma; it names whose the last one is.
      return `[\n${metadata('process_name', process.pid, process.pid, { name: 'log' }).slice(1)}`;
    },
    event: (item) => {
      lastNs = item.timestampNs;
      const took = durationNs(item, names.descriptor(item.pid, item.event));
      return escapeJson(took === undefined ? instant(item) : complete(item, took));
    },
    loss: lossEvent,
    end: (summary) => {
      const name = summary === undefined ? 'continued in the next file' : 'end of the log';
      const { delivered, lost, matched, throttled } = summary ?? {};
      const last = { name, cat: 'log', ph: 'i', s: 'g', ts: lastNs / 1000, pid: process.pid, tid: process.pid }; // prettier-ignore
      return `,${toJson({ ...last, args: { matched, delivered, lost, throttled } })}\n`;
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

/** Microseconds with all digits of whole nanoseconds. */
function micros(ns: number): string {
  const rest = ns % 1000;
  const whole = String((ns - rest) / 1000);
  return rest === 0 ? whole : `${whole}.${String(rest).padStart(3, '0')}`;
}
