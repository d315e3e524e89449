/** A tree without the places of its nodes, for comparisons. */
export function withoutSpans(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSpans);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'start' && key !== 'end' && !key.endsWith('Span'))
      .map(([key, each]) => [key, withoutSpans(each)]),
  );
}
