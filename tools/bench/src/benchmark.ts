import type { ContestOptions } from './contest.ts';
import type { Limit, Round, Summary, Verdict } from './measure.ts';
import { judge } from './measure.ts';
import { Program } from './program.ts';

/** How much to measure. */
export interface Settings {
  /** Rounds of the short benchmarks; the long ones take a part of it. */
  readonly rounds: number;
}

/** One line of a benchmark's table. */
export interface Row {
  readonly name: string;
  readonly figure: Summary;
  readonly unit: string;
  /** To the baseline of the table; the baseline itself has none. */
  readonly ratio?: Summary;
}

/** One goal and what became of it. */
export interface Goal {
  readonly what: string;
  readonly goal: string;
  readonly figure: Summary;
  readonly unit: string;
  readonly verdict: Verdict;
}

/** What one benchmark found. */
export interface Result {
  readonly title: string;
  /** What ratios are taken to. */
  readonly baseline?: string;
  readonly rows: readonly Row[];
  readonly goals: readonly Goal[];
  /** What a reader must know to read the figures right, and what was checked. */
  readonly notes: readonly string[];
}

/** A benchmark; one for each file of this directory that exports one. */
export interface Benchmark {
  readonly name: string;
  readonly run: (settings: Settings) => Promise<Result>;
}

/** Judges a figure by its limit. */
export function setGoal(what: string, figure: Summary, unit: string, limit: Limit): Goal {
  const goal =
    'atMost' in limit ? `at most ${limit.atMost} ${unit}` : `at least ${limit.atLeast} ${unit}`;
  return { what, goal: goal.trim(), figure, unit, verdict: judge(figure, limit) };
}

/** How to hold a contest in processes of its own. */
export interface ContestSettings {
  readonly args?: readonly string[];
  readonly turnMs?: number;
  readonly isByWall?: boolean;
  /** Called with each process after its rounds. */
  readonly after?: (running: Program) => Promise<void>;
}

const roundsOfProcess = 5;
const usualTurnMs = 20;

/**
 * Holds a contest in several fresh processes, one after the other: how V8 happened to compile a loop
 * in one of them is noise too.
 */
export async function contestInProcesses(
  settings: Settings,
  program: string,
  { args = [], turnMs = usualTurnMs, isByWall = false, after }: ContestSettings = {},
): Promise<Round[]> {
  const options: ContestOptions = { rounds: roundsOfProcess, turnMs, isByWall };
  const rounds: Round[] = [];
  while (rounds.length < settings.rounds) {
    await using running = await Program.start(program, ...args);
    rounds.push(...(await running.ask<Round[]>('contest', options)));
    await after?.(running);
  }
  return rounds;
}
