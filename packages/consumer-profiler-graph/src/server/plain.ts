import type { Incident, Incidents } from '../graph-types.ts';
import type { IncidentsView, IncidentView, PlainValue } from './messages.ts';

const longest = 2000;
const mostFields = 100;

/** Incidents as they travel: nothing in them that JSON has no word for, and nothing without a bound. */
export function toIncidentsView({ items, total }: Incidents): IncidentsView {
  return { total, items: items.map((item) => (item.kind === 'event' ? toIncident(item) : item)) };
}

// An incident stays as it is: the same one is not looked at twice.
const known = new WeakMap<Incident, IncidentView>();

function toIncident(incident: Incident): IncidentView {
  const old = known.get(incident);
  if (old !== undefined) return old;
  const { event, number, payload, pid, stack, threadId, threadName, tid, timeMs, timestampNs } = incident; // prettier-ignore
  const fields = Object.entries(payload).slice(0, mostFields);
  const plain = fields.flatMap(([name, value]) =>
    value === undefined ? [] : [[name, toPlain(value)] as const],
  );
  const frames = stack?.slice(0, mostFields).map((frame) => frame.slice(0, longest));
  const view: IncidentView = {
    kind: 'event',
    number,
    event,
    pid,
    tid,
    threadId,
    threadName,
    timeMs,
    timestampNs,
    payload: Object.fromEntries(plain),
    ...(frames === undefined ? {} : { stack: frames }),
  };
  known.set(incident, view);
  return view;
}

/** One value of a payload. */
export function toPlain(value: unknown): PlainValue {
  if (typeof value === 'string')
    return value.length > longest ? { cut: value.slice(0, longest), length: value.length } : value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean') return value;
  if (value instanceof Uint8Array) {
    const base64 = Buffer.from(value.subarray(0, longest)).toString('base64');
    return { base64, length: value.length };
  }
  return String(value);
}
