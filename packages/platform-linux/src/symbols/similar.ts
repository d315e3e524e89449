/**
 * Names that someone may have meant: those that contain the text or are contained in it, then those
 * a few keystrokes away. Looks at each name once and keeps the best few.
 */
export function similarNames(text: string, names: Iterable<string>, limit = 5): string[] {
  const wanted = text.toLowerCase().slice(0, 100);
  const budget = Math.max(1, Math.floor(wanted.length / 3));
  const best = new Map<string, number>();
  let worst = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const score = distance(wanted, name, budget);
    if (score === undefined || score >= worst || best.has(name)) continue;
    best.set(name, score);
    if (best.size > 4 * limit) worst = shrink(best, limit);
  }
  shrink(best, limit);
  return [...best.keys()];
}

/** Keeps the best `limit`; gives the score that a newcomer has to beat. */
function shrink(best: Map<string, number>, limit: number): number {
  const sorted = [...best].toSorted(
    ([a, x], [b, y]) => x - y || a.length - b.length || (a < b ? -1 : 1),
  );
  best.clear();
  for (const [name, score] of sorted.slice(0, limit)) best.set(name, score);
  return sorted[limit - 1]?.[1] ?? Number.POSITIVE_INFINITY;
}

function distance(wanted: string, name: string, budget: number): number | undefined {
  if (Math.abs(name.length - wanted.length) > budget && name.length > 4 * wanted.length + 8) {
    return undefined;
  }
  const lower = name.toLowerCase();
  if (wanted.length >= 3 && lower.includes(wanted)) {
    return 0.5 + (lower.length - wanted.length) / 100;
  }
  if (Math.abs(lower.length - wanted.length) > budget) return undefined;
  return editDistance(wanted, lower, budget);
}

/** Levenshtein's, given up when it exceeds the budget. */
function editDistance(a: string, b: string, budget: number): number | undefined {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const value = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost);
      next.push(value);
      least = Math.min(least, value);
    }
    if (least > budget) return undefined;
    row = next;
  }
  const result = row.at(-1) ?? 0;
  return result <= budget ? result : undefined;
}
