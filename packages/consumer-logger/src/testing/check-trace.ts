/**
 * A strict reader of the JSON Array Format, by the rules of the Trace Event Format document and of
 * the two viewers: it throws at whatever one of them would refuse, drop, misread or draw at a wrong
 * place. A rule that is not in the document names the file that it was read in: of google/perfetto
 * under `src/trace_processor`, of DevTools under `models/trace`.
 */
import { checkRows } from './check-rows.ts';
import { readTrace } from './read-trace.ts';

export interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly s?: string;
  readonly cat?: string;
  readonly args: Record<string, unknown>;
}

// importers/json/json_trace_parser.cc: a name must not be empty; other metadata is not looked at.
const metadataValues: Readonly<Record<string, (args: TraceEvent['args']) => boolean>> = {
  process_name: ({ name }) => typeof name === 'string' && name !== '',
  thread_name: ({ name }) => typeof name === 'string' && name !== '',
  thread_sort_index: ({ sort_index: index }) => Number.isSafeInteger(index),
};

// importers/json/json_trace_tokenizer.cc: these have a meaning; others are not looked at, and some
// must be what it expects: `"dur": null` is an error.
const fields = new Set(['name', 'cat', 'ph', 's', 'ts', 'dur', 'pid', 'tid', 'args']);

/** Reads a trace that has its end. */
export function checkTrace(text: string): TraceEvent[] {
  const { events, isClosed } = readTrace(text);
  // DevTools, TimelineLoader.ts: the text is one JSON document, an array or one with `traceEvents`.
  const whole: unknown = JSON.parse(text);
  if (!isClosed || !Array.isArray(whole) || whole.length !== events.length)
    throw new SyntaxError('a trace is an array');
  return checkEvents(events);
}

/** Reads what is there of a trace whose writer was killed: all whole events, with a bracket or without. */
export function checkCutTrace(text: string): TraceEvent[] {
  return checkEvents(readTrace(text).events);
}

function checkEvents(all: readonly unknown[]): TraceEvent[] {
  const events = all as TraceEvent[];
  const named = new Set<string>();
  for (const event of events) checkEvent(event, named);
  checkRows(events.filter(({ ph }) => ph !== 'M'));
  return events;
}

function checkEvent(event: TraceEvent, named: Set<string>): void {
  const { args, cat, dur, name, ph, pid, s, tid, ts } = event;
  const demand = (isRight: boolean, what: string): void => {
    if (!isRight) throw new TypeError(`${what}: ${JSON.stringify(event)}`);
  };
  demand(
    Object.keys(event).every((key) => fields.has(key)),
    'all fields are known',
  );
  demand(typeof name === 'string', 'name is text');
  // importers/json/json_trace_tokenizer.cc: what is no number is an id of a text; what does not fit
  // into 32 bits is 0; a tid of 0 is that of the main thread.
  for (const id of [pid, tid])
    demand(Number.isSafeInteger(id) && id > 0 && id < 2 ** 32, 'pid and tid are ids of Linux');
  // sorter/trace_sorter.h: what is before 0 is dropped.
  demand(Number.isFinite(ts) && ts >= 0, 'ts is a time in microseconds');
  demand(typeof args === 'object' && args !== null && !Array.isArray(args), 'args is an object');
  // DevTools, types/TraceEvents.js: an instant is an `I`; an `i` is not shown.
  demand(['X', 'I', 'M'].includes(ph), 'ph is a phase that is written here');
  // importers/common/slice_tracker.cc: a negative duration is an error.
  demand(ph === 'X' ? typeof dur === 'number' && dur >= 0 : dur === undefined, 'a complete event has a duration'); // prettier-ignore
  if (ph === 'M') {
    demand(metadataValues[name]?.(args) ?? false, 'metadata has its value');
    named.add(name === 'process_name' ? `${pid}` : `${pid}:${tid}`);
    return;
  }
  demand(typeof cat === 'string' && !cat.includes(','), 'cat is one category');
  // importers/json/json_trace_parser.cc: an instant with another scope is an error.
  if (ph === 'I') demand(s === 'g' || s === 'p' || s === 't', 'an instant has a scope');
  if (s === 'g') return;
  demand(
    named.has(`${pid}`) && named.has(`${pid}:${tid}`),
    'the process and the thread are named before',
  );
}
