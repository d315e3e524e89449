import * as fc from 'fast-check';
import { compilePattern } from '@extension-events/core';
import { describe, expect, it } from 'vitest';
import type { CatalogueEntry, Series, SourcePart, SourceState } from '../../../src/graph-types.ts';
import { completeBuckets, toChartData } from './chart-data.ts';
import { describeEnds, endOf } from './ended-parts.ts';
import { matching } from './matching.ts';
import { readRequest } from './read-request.ts';
import { splitFrame } from './split-frame.ts';
import { summarize } from './summarize.ts';

const entry = (name: string, fields: CatalogueEntry['fields'] = []): CatalogueEntry => ({ name, kind: 'filtered', description: '', fields, request: [], pids: [], listeners: 0, heard: 0, lost: 0, hasStack: false }); // prettier-ignore

describe('matching', () => {
  it('means what the pattern means elsewhere', () => {
    const part = fc.constantFrom('net', 'send', 'a', '*', '**', '?', 'se*');
    const name = fc.array(fc.constantFrom('net', 'send', 'a', 'b'), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.array(name),
        (parts, names) => {
          const pattern = parts.join('.');
          const catalogue = [...new Set(names.map((one) => one.join('.')))].map((one) =>
            entry(one),
          );
          const matches = compilePattern(pattern);
          expect(matching(catalogue, pattern)).toEqual(
            catalogue.filter((one) => matches(one.name)),
          );
        },
      ),
    );
  });
});

describe('toChartData', () => {
  const series: Series = { startMs: 10_000, bucketMs: 2000, lines: [{ key: 'sum', label: 'x', counts: [4, 0, 6, 1], total: 11 }], lost: [0, 0, 2, 0] }; // prettier-ignore

  it('has rates, and an end for the last bucket', () => {
    expect(toChartData(series, true, 4, 0)).toEqual([
      [10_000, 12_000, 14_000, 16_000, 18_000],
      [2, 0, 3, 0.5, 0.5],
      [0, 0, 1, 0, 0],
    ]);
  });

  it('leaves out the bucket that is being filled', () => {
    expect(completeBuckets(series, 17_000)).toBe(3);
    expect(toChartData(series, false, 3, 0)[1]).toEqual([2, 0, 3, 3]);
    expect(completeBuckets(series, 5000)).toBe(0);
    expect(completeBuckets(series, 1e9)).toBe(4);
  });

  it('knows nothing of the time before anybody listened', () => {
    expect(toChartData(series, false, 4, 13_000)[1]).toEqual([null, 0, 3, 0.5, 0.5]);
  });

  it('ends with the last process: nothing is no zero then', () => {
    expect(toChartData(series, false, 4, 0, 15_000)[1]).toEqual([2, 0, 3, 0.5, 0.5]);
    const silent: Series = { ...series, lines: [{ key: 'sum', label: 'x', counts: [4, 0, 0, 0], total: 4 }] }; // prettier-ignore
    expect(toChartData(silent, false, 4, 0, 12_500)[1]).toEqual([2, 0, 0, null, null]);
  });
});

const part = (pid: number, state: SourcePart['state'], endedMs?: number): SourcePart => ({ pid, processName: 'svc.mjs', state, pending: 0, ...(endedMs === undefined ? {} : { endedMs }) }); // prettier-ignore
const state = (...parts: SourcePart[]): SourceState => ({ parts, summary: { matched: 0, delivered: 0, lost: 0, throttled: 0 }, perSecond: 0, sinceMs: 0 }); // prettier-ignore

describe('ends', () => {
  it('are told of each process, the last ones by name', () => {
    expect(describeEnds([part(1, 'listening')])).toBeUndefined();
    expect(describeEnds([part(17_200, 'ended')])).toBe('svc.mjs (17200) has ended');
    const atMs = new Date(2026, 0, 2, 14, 3, 5).getTime();
    expect(describeEnds([part(1, 'ended', atMs), part(2, 'listening')])).toBe('svc.mjs (1) has ended at 14:03:05'); // prettier-ignore
    const many = Array.from({ length: 9 }, (_, i) => part(i, 'ended'));
    expect(describeEnds(many)).toMatch(/\(3\) and 5 more have ended$/);
  });

  it('are the end of a source when no process is left in which it is heard', () => {
    expect(endOf(undefined)).toBeUndefined();
    expect(endOf(state())).toBeUndefined();
    expect(endOf(state(part(1, 'ended', 5), part(2, 'opening')))).toBeUndefined();
    expect(endOf(state(part(1, 'ended', 5), part(2, 'ended', 7), part(3, 'refused')))).toBe(7);
    expect(endOf(state(part(3, 'refused')))).toBeUndefined();
  });
});

describe('readRequest', () => {
  it('gives values the types that the parameters have, and leaves out what is empty', () => {
    const texts: Record<string, string> = {
      hz: '100',
      name: '5',
      on: 'true',
      empty: ' ',
      bad: 'x',
    };
    const parameters = [['hz', 'u32'], ['name', 'string'], ['on', 'bool'], ['empty', 'string'], ['bad', 'f64'], ['gone', 'u8']].map(([name = '', type = '']) => ({ name, type })); // prettier-ignore
    expect(readRequest(parameters, (name) => texts[name])).toEqual({
      hz: 100,
      name: '5',
      on: true,
    });
  });
});

describe('splitFrame', () => {
  it.each([
    ['sendReport (/srv/a.ts:48:12)', { name: 'sendReport', place: '/srv/a.ts:48:12' }],
    [
      '    at async f (file:///a b/(c).ts:1:2)',
      { name: 'async f', place: 'file:///a b/(c).ts:1:2' },
    ],
    ['/srv/a.ts:1:2', { name: '(anonymous)', place: '/srv/a.ts:1:2' }],
    ['node:internal/timers:5:1', { name: '(anonymous)', place: 'node:internal/timers:5:1' }],
    ['checksum', { name: 'checksum' }],
    ['', { name: '' }],
  ])('takes %s apart', (frame, parts) => {
    expect(splitFrame(frame)).toEqual(parts);
  });
});

describe('summarize', () => {
  it('is one line with units, without the stack, and without what could move it', () => {
    const types = [entry('x', [{ name: 'durationNs', type: 'f64', unit: 'ns' }, { name: 'stack', type: 'stack' }])]; // prettier-ignore
    const payload = { durationNs: 1_400_000, stack: 'a\nb', text: 'a\n\u001b[31m\u202eb', big: { cut: 'zz', length: 9000 } }; // prettier-ignore
    const incident = { kind: 'event' as const, number: 1, event: 'x', pid: 1, tid: 1, threadId: 0, threadName: '', timeMs: 0, timestampNs: 0, payload }; // prettier-ignore
    expect(summarize(incident, types)).toBe(String.raw`durationNs=1.4 ms text=a \u001b[31m\u202eb big=zz… (9000 characters)`); // prettier-ignore
  });
});
