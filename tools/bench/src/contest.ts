import type { Round } from './measure.ts';

/** Milliseconds since some moment. */
export type Clock = () => number;

/** Something to be timed beside others that do the same job. */
export interface Contestant {
  readonly name: string;
  /**
   * Does the operation `count` times. One that does work outside the operation (waiting for a reader)
   * returns the milliseconds that count, by the clock it is given.
   */
  run(count: number, nowMs: Clock): number | void | Promise<number | void>;
}

/** How long to time. */
export interface ContestOptions {
  readonly rounds: number;
  /** Aimed at for each turn. */
  readonly turnMs: number;
  /** Time by the wall clock, and not by the processor time of this thread. */
  readonly isByWall?: boolean;
}

const warmUpTurns = 3;

/**
 * Processor time of this thread in milliseconds, whole microseconds of it. Unlike a clock it stands
 * still while other programs have the processor.
 */
export function threadMs(): number {
  // Linux brings the time of a thread up to date at its clock ticks only, milliseconds apart, or
  // when the time of its process is asked for.
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/**
 * Times contestants in turns, each round in another order, and returns nanoseconds per operation.
 *
 * Each first runs until its turn is long enough for the clock; that also lets V8 optimize it.
 */
export async function holdContest(
  contestants: readonly Contestant[],
  { rounds, turnMs, isByWall = false }: ContestOptions,
): Promise<Round[]> {
  const nowMs: Clock = isByWall ? () => performance.now() : threadMs;
  const counts = new Map<Contestant, number>();
  for (const contestant of contestants)
    counts.set(contestant, await fit(contestant, turnMs, nowMs));
  const results: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const figures: Record<string, number> = {};
    for (const contestant of rotate(contestants, round)) {
      const count = counts.get(contestant) ?? 1;
      figures[contestant.name] = ((await time(contestant, count, nowMs)) * 1e6) / count;
    }
    results.push(figures);
  }
  return results;
}

/** Finds how often to run a contestant for a turn of the wanted length. */
async function fit(contestant: Contestant, turnMs: number, nowMs: Clock): Promise<number> {
  let count = 1000;
  for (let fitting = 0; fitting < warmUpTurns;) {
    const tookMs = await time(contestant, count, nowMs);
    if (tookMs < turnMs / 2) count *= 2;
    else {
      count = Math.max(1000, Math.round((count * turnMs) / tookMs));
      fitting++;
    }
  }
  return count;
}

async function time(contestant: Contestant, count: number, nowMs: Clock): Promise<number> {
  const startMs = nowMs();
  const running = contestant.run(count, nowMs);
  // What is over already is not charged with a turn of the microtask queue.
  if (!(running instanceof Promise)) return running ?? nowMs() - startMs;
  const countedMs = await running;
  return countedMs ?? nowMs() - startMs;
}

function rotate<T>(items: readonly T[], by: number): T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
