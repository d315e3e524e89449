import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { drawLinear, drawLog2, linearBucket, linearCount, log2Bucket } from './histogram.ts';

it('puts each value into the bucket that holds it', () => {
  const values = fc.oneof(
    fc.integer({ min: 0, max: 1100 }).map((power) => 2 ** (power % 70)),
    fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  );
  fc.assert(
    fc.property(values, fc.constantFrom(-1, 0, 1), (value, step) => {
      const x = Math.max(0, value + step);
      const bucket = log2Bucket(x);
      const low = bucket === 1 ? 0 : 2 ** (bucket - 2);
      const high = bucket === 65 ? Infinity : Math.max(1, 2 ** (bucket - 1));
      expect(x >= low && x < high).toBe(true);
    }),
  );
  expect([-0.5, 0, 1, 2, 3, 4, 2 ** 63, 1e300].map(log2Bucket)).toEqual([0, 1, 2, 3, 3, 4, 65, 65]);
});

it('has linear buckets with one below and one above', () => {
  const buckets = { low: 0, high: 100, step: 30 };
  expect(linearCount(buckets)).toBe(6);
  expect([-1, 0, 29, 30, 99, 100, 1e9].map((x) => linearBucket(buckets, x))).toEqual([0, 1, 1, 2, 4, 5, 5]); // prettier-ignore
  expect(drawLinear([1, 0, 0, 0, 2, 0], buckets).split('\n').map((line) => line.slice(0, 27))).toEqual([
    '(..., 0)                  1', '[0, 30)                   0', '[30, 60)                  0',
    '[60, 90)                  0', '[90, 100)                 2', '',
  ]); // prettier-ignore
});

it('draws nothing of nothing, and names large powers of two', () => {
  expect(drawLog2(undefined)).toBe('');
  expect(drawLog2(new Float64Array(66))).toBe('');
  const counts = new Float64Array(66);
  counts[22] = 1;
  expect(drawLog2(counts)).toMatch(/^\[1M, 2M\) +1 \|@{52}\|\n$/);
});
