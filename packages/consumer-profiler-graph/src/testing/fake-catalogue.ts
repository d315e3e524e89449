import type { CatalogueEntry } from '../graph-types.ts';
import { countBetween, rates } from './fake-rates.ts';

type Field = CatalogueEntry['fields'][number];

const len: Field = { name: 'len', type: 'u32', unit: 'By', description: 'Bytes that the program handed over.' }; // prettier-ignore
const duration: Field = { name: 'durationNs', type: 'f64', unit: 'ns', description: 'From the first byte of the request to the end of the response.' }; // prettier-ignore
const text = (name: string, description: string): Field => ({ name, type: 'string', description });
const stack: Field = { name: 'stack', type: 'stack', description: 'Frames, innermost first.' };

const fields: Readonly<Record<string, readonly Field[]>> = {
  'http.server.request': [text('method', 'GET, POST, …'), text('path', 'Without the query.'), { name: 'status', type: 'u16' }, duration], // prettier-ignore
  'http.client.request': [text('method', 'GET, POST, …'), text('host', 'Name and port.'), duration],
  'net.send': [len, text('remoteAddress', 'Where it goes.'), { name: 'remotePort', type: 'u16' }, text('layer', 'socket or tls')], // prettier-ignore
  'net.receive': [len, text('remoteAddress', 'Where it comes from.')],
  'gc.pause': [duration, text('type', 'scavenge, mark-sweep-compact, incremental'), { name: 'freed', type: 'f64', unit: 'By' }], // prettier-ignore
  'event-loop.stall': [{ name: 'durationMs', type: 'f64', unit: 'ms' }, stack],
  'fs.read': [{ name: 'bytes', type: 'u32', unit: 'By' }, text('file', 'Its path.'), duration],
  'cache.evict': [text('key', 'Of the entry.'), { name: 'size', type: 'u32', unit: 'By' }, { name: 'id', type: 'u64' }], // prettier-ignore
  'hot-spot': [text('function', 'Where samples gather.'), { name: 'share', type: 'f64', unit: '1' }, { name: 'hits', type: 'u32', unit: '{sample}' }, stack], // prettier-ignore
  'hot-spot.sample': [stack],
  lucky13: [len, text('peer', 'Whoever gets it.')],
};

const request: CatalogueEntry['request'] = [
  { name: 'frequencyHz', type: 'u32', unit: 'Hz', description: 'Samples a second of each thread.', default: 1000, min: 1, max: 10_000 }, // prettier-ignore
  { name: 'share', type: 'f64', unit: '1', description: 'Post when one place gathers this share of the samples.', default: 0.1, min: 0, max: 1 }, // prettier-ignore
  { name: 'by', type: 'string', description: 'What a place is.', default: 'function', oneOf: ['function', 'line', 'pc'] }, // prettier-ignore
  { name: 'locate', type: 'bool', description: 'Also look up the line.', default: true },
  {
    name: 'counter',
    type: 'string',
    description: 'A counter of the processor, when there is one.',
  },
];

const descriptions: Readonly<Record<string, string>> = {
  'http.server.request': 'A request that was answered; posted when the response is finished.',
  'net.send': 'The program hands data to a socket; posted inside its call to write, end or send.',
  'gc.pause': 'The garbage collector stopped the thread.',
  'event-loop.stall': 'The event loop has not turned for too long; raised while it is blocked.',
  'hot-spot': 'Samples gather on one place of the program.',
  'hot-spot.sample': 'One sample of a thread, with its stack.',
  lucky13: 'Posted by the script lucky13.ev.',
};

/** Event types as they stand at a time. */
export function fakeCatalogue(nowMs: number): CatalogueEntry[] {
  const known = Object.keys(rates).map((name): CatalogueEntry => {
    const isHeard = !['dns.lookup', 'net.connect', 'fs.read'].includes(name);
    const own = fields[name] ?? [text('detail', 'What happened.'), duration];
    return {
      name,
      kind: name.startsWith('hot-spot') ? 'requested' : 'filtered',
      description: descriptions[name] ?? 'Something that the program does and that somebody may want to know of.', // prettier-ignore
      producer: name.startsWith('net') ? 'net-probes' : name.startsWith('hot') ? 'hot-spot' : 'runtime', // prettier-ignore
      fields: own,
      request: name.startsWith('hot-spot') ? request : [],
      pids: name === 'lucky13' ? [4242] : [4242, 4310],
      listeners: isHeard ? 1 : 0,
      ...(isHeard ? { perSecond: countBetween(name, nowMs - 2000, nowMs) / 2 } : {}),
      heard: countBetween(name, nowMs - 60_000, nowMs),
      lost: name === 'hot-spot.sample' ? 1840 : 0,
      hasStack: own.some(({ type }) => type === 'stack'),
    };
  });
  const quiet = ['channel:undici:request:create', 'channel:undici:request:headers', 'channel:mysql2:query', 'tracepoint:sched:sched_switch', 'promise.rejected', 'worker.started', 'worker.exited', 'exception.thrown', 'perfmon.overflow', 'heap.near-limit', 'breakpoint.hit', 'hw-breakpoint.hit', 'registry.registered', 'a.very-long-event-name.that-somebody-invented.and-that-has-to-be-cut-somewhere']; // prettier-ignore
  const others = quiet.map((name): CatalogueEntry => ({
    name,
    kind: /perfmon|breakpoint/.test(name) ? 'requested' : 'filtered',
    description: 'Nobody listens to it at present. <b>Names and descriptions are text.</b>',
    fields: [text('detail', 'What happened.')],
    request: [],
    pids: [4242],
    listeners: 0,
    heard: 0,
    lost: 0,
    hasStack: false,
  }));
  return [...known, ...others].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
