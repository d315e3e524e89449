/**
 * Log-linear buckets of positive numbers: 64 of equal width between each power of two and the next,
 * as HdrHistogram has them. The number of a bucket is the top of the IEEE 754 double itself: eleven
 * bits of exponent and six of mantissa, so that it grows with the value and costs a shift. The middle
 * of a bucket is within 1/128 of every value in it.
 */
const mantissaBits = 6;
const shift = 20 - mantissaBits;
export const bucketsPerOctave: number = 2 ** mantissaBits;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** The bucket of a positive, finite number. */
export function bucketOf(value: number): number {
  double[0] = value;
  return (words[1] ?? 0) >>> shift; // Linux runs Node on little-endian machines only
}

/** Where a bucket begins; it ends where the next begins. */
export function lowerEdge(bucket: number): number {
  words[0] = 0;
  words[1] = bucket << shift;
  return double[0] ?? 0;
}

export function middleOf(bucket: number): number {
  const low = lowerEdge(bucket);
  const middle = low + (lowerEdge(bucket + 1) - low) / 2;
  return Number.isFinite(middle) ? middle : low; // the last bucket before infinity
}
