import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventItem } from '@extension-events/session';
import { chromeTraceFormat } from './chrome-trace-format.ts';
import { trailers } from './format.ts';
import { toJson } from './json.ts';
import { checkCutTrace, checkTrace } from './testing/check-trace.ts';
import { anyItem, hostileText, makeItem, settings } from './testing/items.ts';

const summary = { matched: 6, delivered: 2, lost: 3, throttled: 1 };
const types = [
  { name: 'gc.pause', fields: { durationMs: { type: 'f64', unit: 'ms' } } },
  { name: 'odd.unit', fields: { duration: { type: 'f64', unit: 's' } } },
] as const;

function write(items: readonly EventItem[], name = 'main'): string {
  const format = chromeTraceFormat(settings(types, name));
  return `${format.begin()}${items.map((item) => format.event(item)).join('')}${format.end(summary)}${trailers['chrome-trace']}`;
}

function request(start: number, end: number): EventItem {
  return makeItem({ timestampNs: end, payload: { durationNs: end - start } });
}

describe('a Chrome trace', () => {
  it('names processes and threads once, and has an instant for an event', () => {
    const events = checkTrace(write([makeItem({ payload: { len: 13 } }), makeItem()]));
    expect(events).toEqual([
      { name: 'process_name', ph: 'M', ts: 0, pid: process.pid, tid: process.pid, args: { name: 'log' } }, // prettier-ignore
      { name: 'process_name', ph: 'M', ts: 0, pid: 7, tid: 7, args: { name: 'main' } },
      { name: 'thread_name', ph: 'M', ts: 0, pid: 7, tid: 8, args: { name: 'main' } },
      { name: 'thread_sort_index', ph: 'M', ts: 0, pid: 7, tid: 8, args: { sort_index: 8 } },
      { name: 'net.send', cat: 'net', ph: 'i', s: 't', ts: 1_000_000.001, pid: 7, tid: 8, args: { len: 13 } }, // prettier-ignore
      { name: 'net.send', cat: 'net', ph: 'i', s: 't', ts: 1_000_000.001, pid: 7, tid: 8, args: {} }, // prettier-ignore
      { name: 'end of the log', cat: 'log', ph: 'i', s: 'g', ts: 1_000_000.001, pid: process.pid, tid: process.pid, args: summary }, // prettier-ignore
    ]);
  });

  it('has a complete event that ends when it was posted, for what took time', () => {
    const events = checkTrace(
      write([
        makeItem({ event: 'gc.pause', payload: { durationMs: 1.5 } }),
        makeItem({ event: 'odd.unit', payload: { duration: 0.25 }, timestampNs: 5e9 }),
        makeItem({ event: 'un.known', payload: { durationNs: 1500 }, timestampNs: 6e9 }),
        makeItem({ event: 'un.known', payload: { durationNs: NaN }, timestampNs: 7e9 }),
      ]),
    ).filter(({ cat }) => cat !== undefined);
    expect(events.map(({ dur, ph, ts }) => ({ ph, ts, dur }))).toEqual([
      { ph: 'X', ts: 998_500.001, dur: 1500 },
      { ph: 'X', ts: 4_750_000, dur: 250_000 },
      { ph: 'X', ts: 5_999_998.5, dur: 1.5 },
      { ph: 'i', ts: 7_000_000, dur: undefined },
      { ph: 'i', ts: 7_000_000, dur: undefined },
    ]);
  });

  it('gives what overlaps a row of its own, named after the thread', () => {
    const events = checkTrace(write([request(0, 10), request(5, 15), request(16, 20), request(0, 30)])); // prettier-ignore
    const rows = events.filter(({ ph }) => ph === 'X').map(({ tid }) => tid);
    const second = 8 + 2 ** 22;
    expect(rows).toEqual([8, second, 8, 8]);
    const names = events.filter(({ name }) => name === 'thread_name');
    expect(names.map(({ args, tid }) => [tid, args['name']])).toEqual([[8, 'main'], [second, 'main (2)']]); // prettier-ignore
  });

  it('has losses at their place', () => {
    const format = chromeTraceFormat(settings());
    const loss = { pid: 7, tid: 8, count: 3, reason: 'ring-full', pattern: 'net.*' } as const;
    const text = `${format.begin()}${format.event(makeItem())}${format.loss(loss)}${format.end(undefined)}]\n`;
    expect(checkTrace(text).slice(-2)).toMatchObject([
      { name: '3 events lost: ring-full', ph: 'i', s: 't', ts: 1_000_000.001, pid: 7, tid: 8, args: { count: 3, reason: 'ring-full', pattern: 'net.*' } }, // prettier-ignore
      { name: 'continued in the next file' },
    ]);
  });

  it('is a trace by the rules whatever comes, and gives back what came', () => {
    fc.assert(
      fc.property(fc.array(anyItem, { maxLength: 8 }), hostileText, (items, name) => {
        const events = checkTrace(write(items, name)).filter(
          ({ ph, s }) => ph !== 'M' && s !== 'g',
        );
        expect(events.map((event) => [event.name, event.pid])).toEqual(items.map(({ event, pid }) => [event, pid])); // prettier-ignore
        for (const [i, { args, dur = 0, ts }] of events.entries()) {
          const { payload, stack, timestampNs } = items[i] ?? makeItem();
          const written = stack === undefined ? payload : { ...payload, stack: stack.join('\n') };
          expect(toJson(args)).toBe(toJson(JSON.parse(toJson(written))));
          expect(Math.abs((ts + dur) * 1000 - timestampNs)).toBeLessThan(2);
        }
      }),
    );
  });

  it('can be read up to its last whole line, wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyItem, { minLength: 1, maxLength: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (items, share) => {
          // prettier-ignore
          const text = write(items);
          const cut = text.slice(0, Math.floor(share * text.length));
          const lines = cut.split('\n').length - 2; // without the bracket and the cut one
          expect(checkCutTrace(cut)).toHaveLength(Math.max(0, cut.includes(']\n') && cut === text ? lines - 1 : lines)); // prettier-ignore
        },
      ),
    );
  });

  it('tells all names again in the next file', () => {
    const format = chromeTraceFormat(settings());
    const [first, second] = [0, 1].map(() => `${format.begin()}${format.event(makeItem())}${format.end(undefined)}`); // prettier-ignore
    expect(second).toBe(first);
  });
});
