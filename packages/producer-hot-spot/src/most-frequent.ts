/** The value that occurs most often, the earlier one of two; `undefined` when there is none. */
export function mostFrequent<T>(values: readonly T[]): T | undefined {
  const counts = new Map<T, number>();
  let best: T | undefined;
  let most = 0;
  for (const value of values) {
    const count = (counts.get(value) ?? 0) + 1;
    counts.set(value, count);
    if (count <= most) continue;
    best = value;
    most = count;
  }
  return best;
}
