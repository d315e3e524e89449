import type { EventTypeDescriptor } from '@extension-events/core';
import { describe, expect, it } from 'vitest';
import { formatProgram } from '../format/format.ts';
import { checkProgram } from '../program/check.ts';
import { formatProblem } from '../program/errors.ts';
import { parseProgram } from '../program/parser.ts';
import { catalogueOf } from '../program/testing/events.ts';
import { addLibrary, libraryEvents, libraryFiles } from './index.ts';

const optional = (type: 'string' | 'u16' | 'u32' | 'f64' | 'stack'): { type: typeof type; optional: true } => ({ type, optional: true }); // prettier-ignore
const filtered = (name: string, fields: EventTypeDescriptor['fields']): EventTypeDescriptor => ({ name, kind: 'filtered', description: '', fields }); // prettier-ignore
const http = { method: { type: 'string' }, host: optional('string'), path: { type: 'string' }, durationNs: optional('f64') } as const; // prettier-ignore
const ports = { localPort: optional('u16'), remotePort: optional('u16'), remoteAddress: optional('string') }; // prettier-ignore

// The fields that the library reads, as the producers have them.
const producers: readonly EventTypeDescriptor[] = [
  filtered('http.server.request', { ...http, status: optional('u16') }),
  filtered('http.client.request', {
    ...http,
    status: optional('u16'),
    code: optional('string'),
  }),
  filtered('net.send', { len: { type: 'u32' }, ...ports }),
  filtered('net.close', { ...ports }),
  filtered('net.error', { code: { type: 'string' }, ...ports }),
  {
    name: 'tracepoint:tcp:tcp_retransmit_skb',
    kind: 'requested',
    description: '',
    fields: { sport: { type: 'u16' }, dport: { type: 'u16' } },
  },
  {
    name: 'event-loop.stall',
    kind: 'requested',
    description: '',
    fields: {
      durationMs: { type: 'f64' },
      state: { type: 'string' },
      count: { type: 'u32' },
      function: optional('string'),
      url: optional('string'),
      line: optional('u32'),
      stack: optional('stack'),
    },
    request: { thresholdMs: { type: 'f64', default: 200, min: 20 } },
  },
  {
    name: 'perfmon.threshold',
    kind: 'requested',
    description: '',
    fields: { value: { type: 'f64' } },
    request: {
      resource: { type: 'string', oneOf: ['cpu-share'] },
      above: { type: 'f64', min: 0 },
      everyMs: { type: 'f64', default: 1000, min: 10 },
    },
  },
];

describe('the standard library', () => {
  it.each(libraryFiles)('$name checks clean with its producers, and without them', (file) => {
    const { program, problems } = parseProgram([file]);
    expect(problems).toEqual([]);
    for (const known of [producers, []]) {
      const { checked, problems: found } = checkProgram(program, catalogueOf(known));
      expect(found.map(formatProblem)).toEqual([]);
      expect(checked?.events.map(({ name }) => name)).toEqual([file.library]);
    }
  });

  it.each(libraryFiles)('$name is laid out as the formatter lays it out', ({ text, name }) => {
    expect(formatProgram(text, name)).toBe(text);
  });

  it('lists its events with their parameters', () => {
    const slow = libraryEvents().find(({ file }) => file === 'http.slow.ev');
    expect(slow?.descriptor.name).toBe('http.slow');
    expect(slow?.descriptor.fields['durationNs']).toEqual({ type: 'f64' });
    expect(slow?.parameters).toEqual({ 'http.slow/slow_ms': 500 });
  });
});

describe('addLibrary', () => {
  const mine = { name: 'mine.ev', text: 'global slow_ms = 3; probe http.slow { print(path) }' };

  it('pulls in the file whose event a probe names, once', () => {
    expect(addLibrary([mine, mine]).map(({ name }) => name)).toEqual(['mine.ev', 'mine.ev', 'http.slow.ev']); // prettier-ignore
  });

  it('pulls in nothing for events that the script declares itself', () => {
    const own = { name: 'own.ev', text: 'event http.slow; probe http.slow {}' };
    expect(addLibrary([own])).toEqual([own]);
  });

  it('keeps the globals of a library file apart from those of the same name', () => {
    const { program } = parseProgram(addLibrary([mine]));
    const { checked, problems } = checkProgram(program, catalogueOf(producers), { globals: { 'http.slow/slow_ms': '20' } }); // prettier-ignore
    expect(problems.map(formatProblem)).toEqual([]);
    expect(checked?.globals.map(({ name, initial }) => [name, initial])).toEqual([['slow_ms', 3], ['http.slow/slow_ms', 20]]); // prettier-ignore
  });
});
