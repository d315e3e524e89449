import { setTimeout as delay } from 'node:timers/promises';
import { type Attached, attachTo } from './attached.ts';
import { type Benchmark, setGoal } from './benchmark.ts';
import { detector } from './detector.ts';
import { figuresOf, type Round, summarize, type Summary } from './measure.ts';
import type { Progress } from './programs/busy.ts';

const windowMs = 1500;
const settleMs = 700;

const figures = {
  perThreadMs: 'work done per ms of its processor time',
  perWallMs: 'work done per ms',
  besideShare: 'processor time beside the thread',
} as const;
const without = 'not armed';
const armed = 'hot-spot armed';
const nameOf = (state: string, figure: keyof typeof figures): string =>
  `${state}: ${figures[figure]}`;

/** What a thread that computes all the time gets done with the detector armed, and without it. */
export const hotSpotOverhead: Benchmark = {
  name: 'hot-spot-overhead',
  run: async (settings) => {
    const rounds = await measure(settings.rounds);
    const row = (state: string, figure: keyof typeof figures, unit: string) => {
      const name = nameOf(state, figure);
      return { name, unit, figure: summarize(figuresOf(rounds, name)) };
    };
    const lost = lostShare(rounds, 'perThreadMs');
    return {
      title: 'Hot spot, overhead at the default rate',
      rows: [
        ...[without, armed].flatMap((state) => [
          row(state, 'perThreadMs', '/ms'),
          row(state, 'besideShare', '%'),
        ]),
        { name: 'work lost, by processor time of the thread', figure: lost, unit: '%' },
        { name: 'work lost, by the clock', figure: lostShare(rounds, 'perWallMs'), unit: '%' },
      ],
      goals: [setGoal('hot spot, work lost at the default rate', lost, '%', { atMost: 1 })],
      notes: [
        `Windows of ${windowMs} ms in turn with and without, each ${settleMs} ms after the change; the work is even, so nothing is posted.`,
        'Beside the thread: the agent, and the thread that V8 samples from, as a share of one processor. By the clock, what other programs take from the processors counts too.',
      ],
    };
  },
};

async function measure(pairs: number): Promise<Round[]> {
  await using target = await attachTo('busy');
  await target.connection.loadProducer(detector);
  await delay(1000); // V8 optimizes
  const rounds: Round[] = [];
  for (let round = 0; round < pairs; round++) {
    // Neither is always the first of its pair: the machine may be getting slower or faster.
    const first = await measureWindow(target, round % 2 === 1);
    const second = await measureWindow(target, round % 2 === 0);
    rounds.push({ ...first, ...second });
  }
  return rounds;
}

async function measureWindow({ connection, program }: Attached, isArmed: boolean): Promise<Round> {
  const listening = isArmed ? connection.open({ pattern: 'hot-spot' }) : undefined;
  await listening?.ready;
  await delay(settleMs);
  const from = await program.ask<Progress>('progress');
  await delay(windowMs);
  const to = await program.ask<Progress>('progress');
  await listening?.unlisten();
  const state = isArmed ? armed : without;
  const threadMs = to.threadMs - from.threadMs;
  const wallMs = to.wallMs - from.wallMs;
  return {
    [nameOf(state, 'perThreadMs')]: (to.units - from.units) / threadMs,
    [nameOf(state, 'perWallMs')]: (to.units - from.units) / wallMs,
    [nameOf(state, 'besideShare')]: ((to.processMs - from.processMs - threadMs) / wallMs) * 100,
  };
}

/** How much less is done when armed, in per cent, window by window. */
function lostShare(rounds: readonly Round[], figure: keyof typeof figures): Summary {
  const ratios = rounds.map(
    (round) =>
      (round[nameOf(armed, figure)] ?? Number.NaN) / (round[nameOf(without, figure)] ?? Number.NaN),
  );
  return summarize(ratios.map((ratio) => (1 - ratio) * 100));
}
