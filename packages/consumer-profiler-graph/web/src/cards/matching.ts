import type { CatalogueEntry } from '../../../src/graph-types.ts';

/** The event types that a pattern means; `*` within a part, `**` across parts, `?` one character. */
export function matching(catalogue: readonly CatalogueEntry[], pattern: string): CatalogueEntry[] {
  if (!/[*?]/.test(pattern)) return catalogue.filter(({ name }) => name === pattern);
  return catalogue.filter(({ name }) => matches(pattern.match(/\*\*+|[^]/g) ?? [], name));
}

// All ways through the pattern side by side: a regular expression of many stars may take for ever.
function matches(steps: readonly string[], name: string): boolean {
  let reached = skipStars(steps, new Set([0]));
  for (const character of name) {
    const next = new Set<number>();
    for (const i of reached) {
      const step = steps[i] ?? '';
      if (step.startsWith('**') || (step === '*' && character !== '.')) next.add(i);
      else if (step === character || (step === '?' && character !== '.')) next.add(i + 1);
    }
    reached = skipStars(steps, next);
  }
  return reached.has(steps.length);
}

function skipStars(steps: readonly string[], reached: ReadonlySet<number>): Set<number> {
  const all = new Set(reached);
  for (const i of all) if (steps[i]?.startsWith('*') === true) all.add(i + 1);
  return all;
}
