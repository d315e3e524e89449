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

/** What a reader makes of it: there is no half of a surrogate pair in a trace. */
const wellFormed = (text: string): string => text.replaceAll(/\p{Surrogate}/gu, '\uFFFD');

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
      { name: 'net.send', cat: 'net', ph: 'I', s: 't', ts: 1_000_000.001, pid: 7, tid: 8, args: { len: 13 } }, // prettier-ignore
      { name: 'net.send', cat: 'net', ph: 'I', s: 't', ts: 1_000_000.001, pid: 7, tid: 8, args: {} }, // prettier-ignore
      { name: 'end of the log', cat: 'log', ph: 'I', s: 'g', ts: 1_000_000.001, pid: process.pid, tid: process.pid, args: summary }, // prettier-ignore
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
      { ph: 'I', ts: 7_000_000, dur: undefined },
      { ph: 'I', ts: 7_000_000, dur: undefined },
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
    const text = `${format.begin()}${format.event(makeItem())}${format.loss(loss)}${format.end(undefined)}]`;
    expect(checkTrace(text).slice(-2)).toMatchObject([
      { name: '3 events lost: ring-full', ph: 'I', s: 't', ts: 1_000_000.001, pid: 7, tid: 8, args: { count: 3, reason: 'ring-full', pattern: 'net.*' } }, // prettier-ignore
      { name: 'continued in the next file' },
    ]);
  });

  it('has losses of threads and processes that are not known without giving them a name', () => {
    const format = chromeTraceFormat(settings());
    const loss = { count: 3, reason: 'ring-full' } as const;
    const text = `${format.begin()}${format.event(makeItem({ tid: 7 }))}${format.loss({ ...loss, pid: 7, tid: 0 })}${format.loss({ ...loss, pid: 0, tid: 0 })}]`;
    const events = checkTrace(text);
    expect(events.slice(-2)).toMatchObject([
      { name: '3 events lost: ring-full', ph: 'I', s: 'p', pid: 7, tid: 7 },
      { name: '3 events lost: ring-full', ph: 'I', s: 'g', pid: process.pid, tid: process.pid },
    ]);
    expect(events.filter(({ name }) => name === 'thread_name')).toHaveLength(1);
  });

  it('has an instant for what would be in the way of 512 others', () => {
    const items = Array.from({ length: 600 }, (_, n) => request(n, n + 1000));
    const events = checkTrace(write(items)).filter(({ cat }) => cat === 'net');
    expect(events.map(({ ph }) => ph)).toEqual(items.map((_, n) => (n < 512 ? 'X' : 'I')));
  });

  it('keeps what follows one another, or ends together, in one row, whatever doubles say', () => {
    const items = Array.from({ length: 31 }, (_, n) => request(1e12 + n * 1237, 1e12 + (n + 1) * 1237)); // prettier-ignore
    items.push(request(1e12 - 1, 1e12 + 31 * 1237));
    const spans = checkTrace(write(items)).filter(({ ph }) => ph === 'X');
    expect(new Set(spans.map(({ tid }) => tid))).toEqual(new Set([8]));
    const lengths = spans.map(({ dur = 0 }) => Math.round(dur * 1000));
    expect(lengths).toEqual([...Array.from({ length: 31 }, () => 1237), 31 * 1237 + 1]);
  });

  it('has payloads of any size', () => {
    const text = '{"]\u2028\n'.repeat(100_000);
    expect(checkTrace(write([makeItem({ payload: { text } }), makeItem()])).at(-3)?.args).toEqual({ text }); // prettier-ignore
  });

  it('shows no empty names', () => {
    const names = checkTrace(write([makeItem()], '')).filter(({ ph }) => ph === 'M');
    expect(names.map(({ args: { name } }) => name)).toEqual(['log', 'process 7', 'tid:8', undefined]); // prettier-ignore
  });

  it('is a trace by the rules whatever comes, and gives back what came', () => {
    fc.assert(
      fc.property(fc.array(anyItem, { maxLength: 8 }), hostileText, (items, name) => {
        const events = checkTrace(write(items, name)).filter(
          ({ ph, s }) => ph !== 'M' && s !== 'g',
        );
        expect(events.map((event) => [event.name, event.pid])).toEqual(items.map(({ event, pid }) => [wellFormed(event), pid])); // prettier-ignore
        for (const [i, { args, dur = 0, ts }] of events.entries()) {
          const { payload, stack, timestampNs } = items[i] ?? makeItem();
          const whole = stack === undefined ? payload : { ...payload, stack: stack.join('\n') };
          const written: unknown = JSON.parse(toJson(whole), (_key, value: unknown) => typeof value === 'string' ? wellFormed(value) : value); // prettier-ignore
          const fields = Object.entries(written as object).map(([key, value]: [string, unknown]) => [wellFormed(key), value] as const); // prettier-ignore
          expect(args).toEqual(Object.fromEntries(fields));
          expect(Math.abs((ts + dur) * 1000 - timestampNs)).toBeLessThan(2);
        }
      }),
    );
  });

  it('of any spans and instants of a thread shows all of them, at their time', () => {
    // Few times, so that many begin and end together; hours after the boot, or months.
    const time = fc.nat(30).map((n) => n * 333);
    const item = fc.record({ start: time, length: fc.option(time, { nil: undefined }), big: fc.nat(3) }); // prettier-ignore
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 60 }),
        fc.constantFrom(3e12 + 1, 7.1e15 + 1),
        (all, base) => {
          const items = all.map(
            ({ big, length, start }) =>
            makeItem({ timestampNs: base + start + (length ?? 0), payload: { text: '{"]'.repeat(big * 20), ...(length === undefined ? {} : { durationNs: length }) } }), // prettier-ignore
          );
          const events = checkTrace(write(items)).filter(({ cat }) => cat === 'net');
          expect(events).toHaveLength(all.length);
          for (const [i, { dur = 0, ts }] of events.entries()) {
            const { length = 0, start } = all[i] ?? { start: NaN };
            const error = base < 2 ** 51 ? 0 : 4;
            expect(Math.abs(Math.round(ts * 1000) - base - start)).toBeLessThanOrEqual(error);
            expect(Math.abs(Math.round(dur * 1000) - length)).toBeLessThanOrEqual(error);
          }
        },
      ),
    );
  });

  it('that is cut anywhere gives the events before the cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyItem, { minLength: 1, maxLength: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (items, share) => {
          const text = Buffer.from(write(items));
          const cut = text.subarray(0, Math.floor(share * text.length)).toString();
          const all = checkTrace(text.toString());
          const read = checkCutTrace(cut);
          expect(read).toEqual(all.slice(0, read.length));
          expect(read.length).toBeGreaterThanOrEqual(cut.split('\n').length - 2);
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
