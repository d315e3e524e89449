/**
 * A strict reader of the JSON Array Format, by the rules of the Trace Event Format document: it
 * throws at whatever a viewer would refuse, drop or draw at a wrong place.
 */
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

const metadataValues: Readonly<Record<string, readonly [string, string]>> = {
  process_name: ['name', 'string'],
  thread_name: ['name', 'string'],
  thread_sort_index: ['sort_index', 'number'],
};

/** Reads a trace that has its end. */
export function checkTrace(text: string): TraceEvent[] {
  return checkEvents(JSON.parse(text));
}

/** Reads what is there of a trace whose writer was killed: all whole lines, with a bracket or without. */
export function checkCutTrace(text: string): TraceEvent[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.endsWith('\n]\n')) return checkTrace(whole);
  return checkTrace(whole === '' ? '[]' : `${whole}]`);
}

function checkEvents(value: unknown): TraceEvent[] {
  if (!Array.isArray(value)) throw new TypeError('a trace is an array');
  const events = value as TraceEvent[];
  const named = new Set<string>();
  for (const event of events) checkEvent(event, named);
  checkNesting(events.filter(({ ph }) => ph === 'X'));
  return events;
}

function checkEvent(event: TraceEvent, named: Set<string>): void {
  const { args, cat, dur, name, ph, pid, s, tid, ts } = event;
  const demand = (isRight: boolean, what: string): void => {
    if (!isRight) throw new TypeError(`${what}: ${JSON.stringify(event)}`);
  };
  demand(typeof name === 'string', 'name is text');
  demand(Number.isSafeInteger(pid) && Number.isSafeInteger(tid), 'pid and tid are whole numbers');
  demand(tid >= 0 && tid < 2 ** 32, 'tid fits into 32 bits');
  demand(Number.isFinite(ts) && ts >= 0, 'ts is a time in microseconds');
  demand(typeof args === 'object' && args !== null && !Array.isArray(args), 'args is an object');
  demand(['X', 'i', 'M'].includes(ph), 'ph is a phase that is written here');
  if (ph === 'M') {
    const [key = '', type] = metadataValues[name] ?? [];
    demand(typeof args[key] === type, 'metadata has its value');
    named.add(name === 'process_name' ? `${pid}` : `${pid}:${tid}`);
    return;
  }
  demand(typeof cat === 'string' && !cat.includes(','), 'cat is one category');
  if (ph === 'X') demand(typeof dur === 'number' && dur >= 0, 'a complete event has a duration');
  else demand(s === 'g' || s === 'p' || s === 't', 'an instant has a scope');
  if (s === 'g') return;
  demand(
    named.has(`${pid}`) && named.has(`${pid}:${tid}`),
    'the process and the thread are named before',
  );
}

/** Complete events of one row may enclose each other; half over another they are dropped by Perfetto. */
function checkNesting(events: readonly TraceEvent[]): void {
  const rows = groupBy(events, ({ pid, tid }) => `${pid}:${tid}`);
  for (const row of rows.values()) {
    const spans = row.map(({ dur = 0, ts }) => ({ start: toNs(ts), end: toNs(ts) + toNs(dur) }));
    const sorted = spans.toSorted((a, b) => a.start - b.start || b.end - a.end);
    const open: number[] = [];
    for (const { end, start } of sorted) {
      while (open.length > 0 && (open.at(-1) ?? 0) <= start) open.pop();
      if (open.length > 0 && (open.at(-1) ?? 0) < end) throw new RangeError(`half over another: ${start}-${end}`); // prettier-ignore
      open.push(end);
    }
  }
}

function toNs(us: number): number {
  return Math.round(us * 1000);
}

/** `Map.groupBy`, which Node.js has from 21 on. */
export function groupBy<T, K>(all: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}
