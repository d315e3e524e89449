/** Pure: names that somebody may have meant. */

const mostCompared = 60;

/** Up to five of the names that are most like the wanted one; those that hold it or a part of it come first. */
export function nearNames(wanted: string, names: Iterable<string>): string[] {
  const scored: { name: string; score: number }[] = [];
  const text = wanted.slice(0, mostCompared).toLowerCase();
  const limit = Math.max(2, Math.floor(text.length / 3));
  for (const name of names) {
    const other = name.slice(0, mostCompared).toLowerCase();
    const holds = text.length > 2 && (other.includes(text) || (other.length > 3 && text.includes(other))); // prettier-ignore
    const far = Math.abs(other.length - text.length) > limit;
    const score = holds ? 0 : far ? Number.POSITIVE_INFINITY : distance(text, other);
    if (score <= limit) scored.push({ name, score: score + Math.abs(name.length - wanted.length) / 1000 }); // prettier-ignore
  }
  return scored
    .toSorted((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1))
    .slice(0, 5)
    .map(({ name }) => name);
}

/** Levenshtein's, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
