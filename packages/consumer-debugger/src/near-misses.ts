/** Names that the user may have meant, best first: shared beginning, inside, or at most two edits away. */
export function findNearMisses(wanted: string, names: Iterable<string>, limit = 3): string[] {
  const scored: { name: string; score: number }[] = [];
  for (const name of new Set(names)) {
    const score = scoreOf(wanted, name);
    if (score !== undefined) scored.push({ name, score });
  }
  scored.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1));
  return scored.slice(0, limit).map((entry) => entry.name);
}

/** `did you mean a, b or c?`, or the fallback when nothing is near. */
export function suggest(wanted: string, names: Iterable<string>, fallback: string): string {
  const near = findNearMisses(wanted, names);
  if (near.length === 0) return fallback;
  const last = near.at(-1) ?? '';
  const text = near.length === 1 ? last : `${near.slice(0, -1).join(', ')} or ${last}`;
  return `Did you mean ${text}?`;
}

function scoreOf(wanted: string, name: string): number | undefined {
  if (wanted === '') return undefined;
  const distance = editDistance(wanted.slice(0, 64), name.slice(0, 64));
  if (distance <= (wanted.length > 3 ? 2 : 1)) return distance;
  if (wanted.length < 2) return undefined;
  if (name.startsWith(wanted)) return 3;
  if (name.includes(wanted) || (name.length > 2 && wanted.includes(name))) return 4;
  return undefined;
}

/** Levenshtein's distance, one row at a time; a swap of two neighbours counts two. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
