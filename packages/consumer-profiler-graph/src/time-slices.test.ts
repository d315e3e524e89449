import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sliceLevels } from './levels.ts';
import { layOver } from './span.ts';
import { type Mergeable, TimeSlices } from './time-slices.ts';

class Count implements Mergeable<Count> {
  count = 0;

  merge(other: Count): void {
    this.count += other.count;
  }
}

const startMs = 1_800_000_000_000;
const steps = fc.array(
  fc.record({
    stepMs: fc.oneof(fc.nat(50), fc.nat(3000), fc.nat(1_500_000)),
    lateMs: fc.oneof(fc.constant(0), fc.nat(400), fc.nat(20_000)),
  }),
  { maxLength: 300 },
);

describe('slices of time', () => {
  it('add up to exactly what came in any span, at every level of detail, late ones too', () => {
    fc.assert(
      fc.property(
        steps,
        fc.nat(12 * 3_600_000),
        fc.integer({ min: 1, max: 900_000 }),
        (all, backMs, lengthMs) => {
          // prettier-ignore
          const slices = new TimeSlices(() => new Count());
          let nowMs = startMs;
          const times = all.map(({ lateMs, stepMs }) => {
            nowMs += stepMs;
            const timeMs = nowMs - lateMs;
            const open = slices.open(timeMs);
            if (open === undefined) slices.at(timeMs, (slice) => slice.count++);
            else open.count++;
            return timeMs;
          });
          expect(slices.sum().count).toBe(times.length);
          const span = layOver({ fromMs: nowMs - backMs, toMs: nowMs - backMs + lengthMs }, sliceLevels, nowMs); // prettier-ignore
          const bucketOf = (timeMs: number): number => Math.floor(timeMs / span.bucketMs);
          const expected = times.map(bucketOf).filter((at) => at >= span.first && at <= span.last);
          expect(slices.sum(span).count).toBe(expected.length);
          const byBucket = new Map<number, number>();
          slices.visit(span, ({ count }, bucket) => byBucket.set(bucket, (byBucket.get(bucket) ?? 0) + count)); // prettier-ignore
          for (const [bucket, count] of byBucket)
            expect(count).toBe(expected.filter((at) => at === bucket).length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
