import { afterEach, expect, it, vi } from 'vitest';
import type { TypeInfo } from '@extension-events/protocol';
import { describeUnknown } from './tell-heard.ts';
import { Unheard } from './unheard.ts';

let written = '';
vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
  written += String(text);
  return true;
});
afterEach(() => {
  written = '';
});

const type = (name: string, kind: 'filtered' | 'requested' = 'filtered'): TypeInfo => ({
  descriptor: { name, kind, description: '', fields: {} },
  threads: [],
  listeners: 0,
  heard: 0,
});
const eventTypes = [type('http.a'), type('http.b'), type('http.c', 'requested'), type('net.send'), type('hot-spot', 'requested')]; // prettier-ignore

it('a pattern all of whose types refuse is told once, when the last of them does', () => {
  const unheard = new Unheard([{ pid: 7, eventTypes }, { pid: 8, eventTypes }], ['http.*', 'net.send']); // prettier-ignore
  unheard.add(7, 'http.a');
  unheard.add(8, 'http.b');
  unheard.add(7, 'net.send');
  expect(written).toBe('');
  unheard.add(7, 'http.b');
  unheard.add(7, 'http.b');
  expect(written).toBe(
    'nothing that is known is heard of http.* in process 7: all 2 event types refuse; of what is registered later something may be\n',
  );
});

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
