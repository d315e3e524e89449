/** The names that a mistyped one may have meant, best first, at most three. */
export function nearNames(wanted: string, names: readonly string[]): string[] {
  const text = wanted.toLowerCase().slice(0, 64);
  return names
    .map((name) => ({ name, distance: nearness(text, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(2, name.length / 3))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

// A part of a name is as near as one wrong letter.
function nearness(text: string, name: string): number {
  if (text.length >= 3 && (name.includes(text) || text.includes(name))) return 1;
  return editDistance(text, name);
}

/** Levenshtein distance: letters inserted, deleted or replaced. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
