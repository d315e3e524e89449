/**
 * The statistics of all benchmarks. On a machine that others use too, a single figure means little:
 * contestants take turns within each round, ratios are taken within a round, and what is reported
 * is the median over the rounds with its quartiles.
 */

/** Median and quartiles of some rounds. */
export interface Summary {
  readonly median: number;
  readonly q1: number;
  readonly q3: number;
  readonly rounds: number;
}

/** What one round measured: contestant → figure. */
export type Round = Readonly<Record<string, number>>;

/** The quantile of some values, interpolated between neighbours; NaN of none. */
export function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * at;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low === high ? low : low + (high - low) * (place - Math.floor(place));
}

/** Median and quartiles of some values. */
export function summarize(values: readonly number[]): Summary {
  const [q1, median, q3] = [0.25, 0.5, 0.75].map((at) => quantile(values, at));
  const none = Number.NaN;
  return { median: median ?? none, q1: q1 ?? none, q3: q3 ?? none, rounds: values.length };
}

/** The figures of one contestant, round by round. */
export function figuresOf(rounds: readonly Round[], name: string): number[] {
  return rounds.flatMap((round) => round[name] ?? []);
}

/** `name / baseline`, taken within each round: what slows a whole round down cancels out. */
export function summarizeRatio(rounds: readonly Round[], name: string, baseline: string): Summary {
  return summarize(pairs(rounds, name, baseline).map(([value, base]) => value / base));
}

/** `name - baseline`, taken within each round. */
export function summarizeDifference(
  rounds: readonly Round[],
  name: string,
  baseline: string,
): Summary {
  return summarize(pairs(rounds, name, baseline).map(([value, base]) => value - base));
}

function pairs(rounds: readonly Round[], name: string, baseline: string): [number, number][] {
  return rounds.flatMap((round) => {
    const [value, base] = [round[name], round[baseline]];
    return value === undefined || base === undefined ? [] : [[value, base]];
  });
}

/** What can be said of a figure and its goal. */
export type Verdict = 'met' | 'missed' | 'below the noise';

/** A limit that a figure is to keep below, or to reach. */
export type Limit = { readonly atMost: number } | { readonly atLeast: number };

/**
 * Compares a figure with its goal: below the noise while the goal lies between the quartiles, since
 * the next run may well say the opposite.
 */
export function judge({ q1, q3 }: Summary, limit: Limit): Verdict {
  const [good, bad] =
    'atMost' in limit
      ? [q3 <= limit.atMost, q1 > limit.atMost]
      : [q1 >= limit.atLeast, q3 < limit.atLeast];
  if (good) return 'met';
  return bad ? 'missed' : 'below the noise';
}
