const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const steps = [1, 2, 5, 10, 15, 30].flatMap((n) => [n * second, n * minute]).concat([1, 2, 3, 6, 12, 24].map((n) => n * hour)).toSorted((a, b) => a - b); // prettier-ignore

/** Times from one to another that are round in this time zone, for labels at least so far apart. */
export function timeTicks(fromMs: number, toMs: number, leastMs: number): number[] {
  const step = steps.find((one) => one >= leastMs) ?? Math.ceil(leastMs / (24 * hour)) * 24 * hour;
  const shift = new Date(fromMs).getTimezoneOffset() * minute;
  const first = Math.ceil((fromMs - shift) / step) * step + shift;
  const count = Math.max(0, Math.floor((toMs - first) / step) + 1);
  return Array.from({ length: count }, (_, i) => first + i * step);
}
