import { describe, expect, it } from 'vitest';
import { findMainFields } from './main-fields.ts';
import { formatPicture } from './format.ts';
import { formatCount, formatQuantity } from './quantity.ts';
import type { TopPicture } from './row.ts';
import { topShape } from './shape.ts';
import { sparkline, squeeze } from './sparkline.ts';

const plain = (_style: string, text: string): string => text;

const picture: TopPicture = {
  timeMs: 1_800_000_000_000,
  heard: ['http.**'],
  processes: [{ pid: 42, name: 'app.js' }],
  rows: [
    {
      event: 'http.server.request',
      perSecond: 1234.5,
      total: 98_765,
      minute: [0, 1, 2, 4],
      number: { field: 'durationNs', unit: 'ns', p50: 1_240_000, p99: 9_870_000 },
      top: { field: 'path', value: '/items\n', share: 0.5 },
    },
    { event: 'other', perSecond: 0.5, total: 3, minute: [], isOthers: true },
  ],
  lost: 0,
  silent: 7,
  refusals: [],
};

describe('the picture of top', () => {
  it('has a row for each event type, and says what is heard', () => {
    expect(formatPicture(picture, 160, plain)).toEqual([
      '1 process: app.js (42)',
      'heard: http.** · 2 event types with events, 7 silent · nothing lost',
      '',
      'EVENT                    /S   TOTAL  LAST MINUTE                          P50       P99  OF          TOP VALUE',
      'http.server.request    1235   98.8k   ▂▄█                             1.24 ms   9.87 ms  durationNs  path=/items␊ 50%',
      'other                   0.5       3  (heard by others)',
    ]);
  });

  it('fits whatever the width is, and leaves out columns that have no room', () => {
    for (let width = 1; width < 200; width += 7)
      for (const line of formatPicture(picture, width, plain)) expect(Array.from(line).length).toBeLessThanOrEqual(width); // prettier-ignore
    expect(formatPicture(picture, 60, plain)[3]).not.toContain('TOP VALUE');
  });

  it('says loudly what was lost and what is refused, and what to do where there is nothing', () => {
    const refusals = [
      { pid: 42, pattern: 'x', code: 'EE_WHERE', message: 'no\n  a ==\n    ^', hint: '' },
    ];
    const lines = formatPicture({ ...picture, lost: 12_000, refusals }, 160, plain).join('\n');
    expect(lines).toContain('12.0k events were lost');
    expect(lines).toMatch(/^x is not heard in process 42: EE_WHERE: no$/m);
    expect(formatPicture({ ...picture, processes: [] }, 160, plain)[0]).toContain('extev top PID');
  });

  it('is a document for scripts', () => {
    expect(topShape(picture)).toMatchObject({
      v: 1,
      heard: ['http.**'],
      events: [{ name: 'http.server.request', total: 98_765, lastMinute: 7, heardByOthers: false }, { name: 'other', heardByOthers: true }], // prettier-ignore
      lost: 0,
    });
  });
});

it('sparklines show the newest at the right, in as many columns as wanted', () => {
  expect(sparkline([0, 1, 4, 8])).toBe(' ▁▄█');
  expect(sparkline([])).toBe('');
  expect(squeeze([1, 2, 3, 4, 5], 3)).toEqual([1, 5, 9]);
  expect(squeeze([1, 2], 30)).toEqual([1, 2]);
});

it('quantities read well', () => {
  expect([0.5, 7, 9999, 12_345, 1_234_567].map(formatCount)).toEqual(['0.5', '7', '9999', '12.3k', '1.23M']); // prettier-ignore
  expect(formatQuantity(1500, 'ns')).toBe('1.50 µs');
  expect(formatQuantity(2.5, 'ms')).toBe('2.50 ms');
  expect(formatQuantity(12_500, 'By')).toBe('12.5 kB');
  expect(formatQuantity(0, 'ns')).toBe('0 ns');
  expect(formatQuantity(0.25, '1')).toBe('0.3');
  expect([1e308, -1, -12_345, Number.NaN, Number.POSITIVE_INFINITY, 1e-9].map(formatCount)).toEqual(['1e+308', '-1', '-12.3k', '–', 'Infinity', '1e-9']); // prettier-ignore
  expect(formatQuantity(1e308, 'ms')).toBe('1e+308 ms');
  expect(formatQuantity(1e300, 'By')).toBe('1e+300 B');
});

it('of all fields a duration says most, and numbers that name something say nothing', () => {
  const fields = [
    { name: 'requestId', type: 'u32' },
    { name: 'remotePort', type: 'u16' },
    { name: 'count', type: 'u32' },
    { name: 'len', type: 'u32', unit: 'By' },
    { name: 'durationNs', type: 'f64', unit: 'ns' },
    { name: 'layer', type: 'string', detail: true },
    { name: 'path', type: 'string' },
  ];
  expect(findMainFields({ fields })).toEqual({ number: 'durationNs', text: 'path' });
  expect(findMainFields({ fields: fields.slice(0, 4) })).toEqual({ number: 'len' });
  expect(findMainFields({ fields: fields.slice(0, 3) })).toEqual({ number: 'count' });
  expect(findMainFields({ fields: fields.slice(0, 2) })).toEqual({});
});
