import { expect, it } from 'vitest';
import type { TypeInfo } from '@extension-events/protocol';
import { describeUnknown } from './tell-heard.ts';

const type = (name: string, kind: 'filtered' | 'requested' = 'filtered'): TypeInfo => ({
  descriptor: { name, kind, description: '', fields: {} },
  threads: [],
  listeners: 0,
  heard: 0,
});
const eventTypes = [type('http.a'), type('http.b'), type('http.c', 'requested'), type('net.send'), type('hot-spot', 'requested')]; // prettier-ignore

it.each([
  ['net.send', []],
  ['hot-spot', []],
  ['net.*', []],
  ['net.sned', ['nothing has the name net.sned yet; it is heard as soon as it is registered. Did you mean net.send?']], // prettier-ignore
  ['cache.evict', ['nothing has the name cache.evict yet; it is heard as soon as it is registered']], // prettier-ignore
  ['cache.*', ['nothing that is known matches cache.* yet; it is heard as soon as it is registered']], // prettier-ignore
  ['hot-*', ['hot-* matches only what is heard by its full name, such as hot-spot']],
  ['tracepoint:sock:*', []],
])('what is said of %s', (pattern, lines) => {
  expect(describeUnknown([pattern], eventTypes)).toEqual(lines);
});
