import type { Incident } from '../graph-types.ts';
import { random } from './fake-rates.ts';

const hosts = ['10.0.4.17', '10.0.4.18', '192.168.7.201', '::1'];
const paths = ['/api/orders', '/api/cart', '/', '/api/products'];
const pick = (list: readonly string[], a: number): string => list[Math.floor(random(a, 3) * list.length)] ?? ''; // prettier-ignore

/** The incident of a number. */
export function fakeIncident(event: string, number: number, timeMs: number): Incident {
  const tid = random(number, 5) > 0.3 ? 4242 : 4251;
  return {
    kind: 'event',
    event,
    number,
    timeMs,
    pid: 4242,
    tid,
    threadId: tid === 4242 ? 0 : 1,
    threadName: tid === 4242 ? 'main' : 'worker 1',
    timestampNs: timeMs * 1e6,
    seq: number,
    payload: payloadOf(event, number),
  };
}

function payloadOf(event: string, number: number): Incident['payload'] {
  const durationNs = Math.round(10 ** (5 + 3 * random(number, 1)));
  if (event.startsWith('http'))
    return { method: 'GET', path: pick(paths, number), status: number % 41 === 0 ? 500 : 200, durationNs }; // prettier-ignore
  if (event.startsWith('net') || event === 'lucky13')
    return { len: event === 'lucky13' ? 13 : Math.round(1400 * random(number, 2)), remoteAddress: pick(hosts, number), remotePort: 5432, layer: 'socket' }; // prettier-ignore
  if (event === 'cache.evict')
    return { key: `<script>alert(${number})</script>`, size: number % 977, id: 2n ** 63n + BigInt(number) }; // prettier-ignore
  return { detail: `"><img src=x onerror=alert(${number})>`, durationNs };
}

/** Who posted the incident of a number. */
export function fakeStack(number: number): string[] {
  const inner = number % 3 === 0 ? 'sendReport (/srv/shop/src/report.ts:48:12)' : 'writeReply (/srv/shop/src/server.ts:112:9)'; // prettier-ignore
  return [
    inner,
    'handle (/srv/shop/src/router.ts:31:20)',
    'Server.onRequest (/srv/shop/src/server.ts:77:5)',
    'Server.emit (node:events:519:28)',
    'parserOnIncoming (node:_http_server:1153:12)',
  ];
}
