import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seriesLevels } from './levels.ts';
import { SourceSeries } from './source-series.ts';
import { layOver } from './span.ts';
import { fakeRecord } from './testing/fake-record.ts';

const startMs = 1_800_000_000_000;
const types = ['a.one', 'a.two', 'a.three'].map((name) => fakeRecord({ name }).type);

/** Events over up to thirteen hours, a little out of order, as several threads post them. */
const events = fc
  .array(
    fc.record({
      stepMs: fc.oneof(fc.nat(50), fc.nat(5000), fc.nat(1_000_000)),
      lateMs: fc.nat(1500),
      type: fc.nat(2),
      tid: fc.nat(4),
    }),
    { maxLength: 300 },
  )
  .map((steps) => {
    let atMs = startMs;
    return steps.map(({ lateMs, stepMs, tid, type }) => {
      atMs += stepMs;
      return { timeMs: atMs - lateMs, type, tid };
    });
  });

const ranges = fc.oneof(
  fc
    .constantFrom(60_000, 300_000, 900_000, 3_600_000, 12 * 3_600_000)
    .map((lastMs) => ({ lastMs })),
  fc.tuple(fc.nat(3_600_000), fc.integer({ min: 1, max: 600_000 })).map(([back, length]) => ({ back, length })), // prettier-ignore
);

describe('a series', () => {
  it('has in each bucket exactly what was posted then, in all, by event and by thread', () => {
    fc.assert(
      fc.property(events, ranges, (posted, wanted) => {
        const series = new SourceSeries((pid, tid) => `${pid} ${tid}`);
        for (const { timeMs, tid, type } of posted)
          series.add(types[type] ?? fail(), 7, tid, timeMs);
        const nowMs = Math.max(startMs, ...posted.map(({ timeMs }) => timeMs)) + 700;
        const range = 'lastMs' in wanted ? wanted : { fromMs: nowMs - wanted.back, toMs: nowMs - wanted.back + wanted.length }; // prettier-ignore
        const span = layOver(range, seriesLevels, nowMs);
        const count = (bucket: number, is: (event: (typeof posted)[number]) => boolean): number =>
          posted.filter((event) => Math.floor(event.timeMs / span.bucketMs) === bucket && is(event))
            .length;
        const expected = (is: (event: (typeof posted)[number]) => boolean): number[] =>
          Array.from({ length: span.last - span.first + 1 }, (_, i) => count(span.first + i, is));
        const { lines, bucketMs, startMs: from } = series.series(span, 'sum');
        expect(lines[0]?.counts).toEqual(expected(() => true));
        expect(lines[0]?.total).toBe(expected(() => true).reduce((a, b) => a + b, 0));
        expect(from % bucketMs).toBe(0);
        for (const line of series.series(span, 'event').lines)
          expect(line.counts).toEqual(expected(({ type }) => types[type]?.name === line.key));
        for (const line of series.series(span, 'thread').lines)
          expect(line.counts).toEqual(expected(({ tid }) => `7/${tid}` === line.key));
      }),
      { numRuns: 200 },
    );
  });

  it('has at most 64 lines and others, and loses none of their incidents', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(300), fc.nat(4000)), { maxLength: 400 }), (posted) => {
        const series = new SourceSeries((_pid, tid) => `${tid}`);
        let timeMs = startMs;
        const [type] = types;
        for (const [tid, stepMs] of posted) series.add(type ?? fail(), 1, tid, (timeMs += stepMs));
        const { lines } = series.series(layOver({ lastMs: 12 * 3_600_000 }, seriesLevels, timeMs), 'thread'); // prettier-ignore
        expect(lines.length).toBeLessThanOrEqual(65);
        expect(lines.reduce((sum, { total }) => sum + total, 0)).toBe(posted.length);
      }),
    );
  });

  it('shows losses in their buckets, and a rate of the last seconds', () => {
    const series = new SourceSeries(() => '');
    const [type] = types;
    for (let i = 0; i < 200; i++) series.add(type ?? fail(), 1, 1, startMs + i * 10);
    series.lose(5, startMs + 1600);
    series.lose(2, startMs + 1700);
    const span = layOver({ lastMs: 2000 }, seriesLevels, startMs + 1999);
    expect(series.series(span, 'sum').lost).toEqual([0, 0, 0, 7]);
    expect(series.perSecond(startMs + 2000)).toBe(100);
  });
});

function fail(): never {
  throw new Error('no such type');
}
