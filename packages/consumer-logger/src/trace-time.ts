import type { Span } from './lanes.ts';

/** From here on, 26 days after the boot, a double of microseconds is not exact to the nanosecond. */
const lastExactNs = 2 ** 51;

/** A stretch of time as it is written in a trace, in microseconds, and as it is understood, in nanoseconds. */
export interface TraceSpan extends Span {
  readonly ts: string;
  readonly dur: string;
}

/**
 * Readers compare the ends of spans, which they add up. DevTools adds doubles, where 0.1 + 0.2 is
 * after 0.3, and does not show what ends so little after the span around it, or begins so little
 * before the end of the one before. What ends at the same time has therefore the same sum: where the
 * round number does not give it, the difference of the doubles does.
 *
 * @param start - whole nanoseconds, as `end`
 */
export function traceSpan(start: number, end: number): TraceSpan {
  const ts = start / 1000;
  const sum = end / 1000;
  const round = micros(end - start);
  const dur = ts + Number(round) === sum ? round : String(sum - ts);
  const isExact = ts + Number(dur) === sum && end < lastExactNs;
  const doubt = isExact ? 0 : Math.ceil(end * 2 ** -49);
  return { start, earliestEnd: end - doubt, latestEnd: end + doubt, ts: micros(start), dur };
}

/** Microseconds with all digits of whole nanoseconds, as long as a number has them. */
export function micros(ns: number): string {
  if (!Number.isSafeInteger(ns)) return String(ns / 1000);
  const rest = ns % 1000;
  const whole = String((ns - rest) / 1000);
  return rest === 0 ? whole : `${whole}.${String(rest).padStart(3, '0')}`;
}
