import type { Round } from './measure.ts';

/** Something to be timed beside others that do the same job. */
export interface Contestant {
  readonly name: string;
  /**
   * Does the operation `count` times. One that does work outside the operation (waiting for a reader)
   * returns the milliseconds that count.
   */
  run(count: number): number | void | Promise<number | void>;
}

/** How long to time. */
export interface ContestOptions {
  readonly rounds: number;
  /** Aimed at for each turn. */
  readonly turnMs: number;
}

const warmUpTurns = 3;

/**
 * Processor time of this thread in milliseconds, whole microseconds of it. Unlike a clock it stands
 * still while other programs have the processor.
 */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/**
 * Times contestants in turns, each round in another order, and returns nanoseconds of processor time
 * per operation.
 *
 * Each first runs until its turn is long enough for the clock; that also lets V8 optimize it.
 */
export async function holdContest(
  contestants: readonly Contestant[],
  { rounds, turnMs }: ContestOptions,
): Promise<Round[]> {
  const counts = new Map<Contestant, number>();
  for (const contestant of contestants) counts.set(contestant, await fit(contestant, turnMs));
  const results: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const figures: Record<string, number> = {};
    for (const contestant of rotate(contestants, round)) {
      const count = counts.get(contestant) ?? 1;
      figures[contestant.name] = ((await time(contestant, count)) * 1e6) / count;
    }
    results.push(figures);
  }
  return results;
}

/** Finds how often to run a contestant for a turn of the wanted length. */
async function fit(contestant: Contestant, turnMs: number): Promise<number> {
  let count = 1000;
  for (let fitting = 0; fitting < warmUpTurns;) {
    const tookMs = await time(contestant, count);
    if (tookMs < turnMs / 2) count *= 2;
    else {
      count = Math.max(1000, Math.round((count * turnMs) / tookMs));
      fitting++;
    }
  }
  return count;
}

async function time(contestant: Contestant, count: number): Promise<number> {
  const startMs = threadMs();
  const running = contestant.run(count);
  // What is over already is not charged with a turn of the microtask queue.
  if (!(running instanceof Promise)) return running ?? threadMs() - startMs;
  const countedMs = await running;
  return countedMs ?? threadMs() - startMs;
}

function rotate<T>(items: readonly T[], by: number): T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
