import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { type Benchmark, setGoal } from './benchmark.ts';
import { figuresOf, type Round, summarize, summarizeRatio } from './measure.ts';
import { Program } from './program.ts';
import type { Counted } from './programs/graph-consumer.ts';
import type { Pace } from './programs/graph-poster.ts';

const perSecond = 100_000;
const turnMs = 3000;
const patienceMs = 5000;
const ways = ['graph', 'metrics', 'naive', 'listen'] as const;
type WayName = (typeof ways)[number];

const titles: Readonly<Record<WayName, string>> = {
  graph: 'profiler graph: series, a distribution, newest incidents',
  metrics: 'counter and fixed buckets, as metric libraries do',
  naive: 'rxjs groupBy, bufferTime and a sort',
  listen: 'listening alone',
};

/** What a process uses that aggregates the events of another one. */
export const graph: Benchmark = {
  name: 'graph',
  run: async (settings) => {
    const rounds: Round[] = [];
    const count = Math.max(3, Math.round(settings.rounds / 4));
    for (let round = 0; round < count; round++) rounds.push(await runRound(round));
    const heap = await growth();
    const ratio = (name: WayName, isWide: boolean) =>
      summarizeRatio(rounds, share(name, isWide), share('graph', isWide));
    return {
      title: `Aggregated from another process at ${perSecond.toLocaleString('en-US')} events a second`,
      baseline: titles.graph,
      rows: [
        ...[false, true].flatMap((isWide) =>
          ways.map((name) => ({
            name: share(name, isWide),
            figure: summarize(figuresOf(rounds, share(name, isWide))),
            unit: '% of a core',
            ...(name !== 'graph' && { ratio: ratio(name, isWide) }),
          })),
        ),
        ...[false, true].map((isWide) => ({
          name: capacity(isWide),
          figure: summarize(figuresOf(rounds, capacity(isWide))),
          unit: '/s',
        })),
        { name: `heap after ${heap.events.toLocaleString('en-US')} more events`, figure: summarize([heap.grownBytes / 1e6]), unit: 'MB more' }, // prettier-ignore
      ],
      goals: [
        setGoal('aggregated, two fields', summarize(figuresOf(rounds, share('graph', false))), '% of a core', { atMost: 15 }), // prettier-ignore
        setGoal('aggregated, eleven fields', summarize(figuresOf(rounds, share('graph', true))), '% of a core', { atMost: 15 }), // prettier-ignore
        setGoal('memory grown by aggregating', summarize([heap.grownBytes / 1e6]), 'MB', { atMost: 2 }), // prettier-ignore
      ],
      notes: [
        'Processor time of the whole process that listens: socket, decoding and aggregation, all its threads. The poster and its agent thread are another process.',
        `Each event was counted, or told as lost, or the round fails. Lost on the way at this rate: ${lostTexts(rounds)}.`,
        `Events a second of a core: what a process could take at the cost of an event that was measured at ${(perSecond * 4).toLocaleString('en-US')} a second.`,
        'Heap: in use after a collection, arrays outside included, before and after.',
      ],
    };
  },
};

const share = (name: WayName, isWide: boolean): string =>
  `${titles[name]}, ${isWide ? 'eleven' : 'two'} fields`;
const lostOf = (name: WayName): string => `${titles[name]}: lost`;
const capacity = (isWide: boolean): string =>
  `profiler graph, events a second of a core, ${isWide ? 'eleven' : 'two'} fields`;

function lostTexts(rounds: readonly Round[]): string {
  return ways.map((name) => `${name} ${summarize(figuresOf(rounds, lostOf(name))).median.toFixed(2)} %`).join(', '); // prettier-ignore
}

async function runRound(round: number): Promise<Round> {
  await using poster = await Program.start('graph-poster');
  const figures: Record<string, number> = {};
  for (let turn = 0; turn < ways.length; turn++) {
    const way = ways[(turn + round) % ways.length] ?? 'graph';
    await using consumer = await Program.start('graph-consumer');
    await consumer.ask('attach', poster.pid);
    for (const isWide of [false, true]) {
      await consumer.ask('start', { way, pattern: isWide ? 'bench.wide' : 'bench.small' });
      await post(poster, consumer, { perSecond, forMs: turnMs / 3, isWide }); // V8 warms up
      const { lost, posted, usPerEvent } = await post(poster, consumer, { perSecond, forMs: turnMs, isWide }); // prettier-ignore
      figures[lostOf(way)] = (figures[lostOf(way)] ?? 0) + (lost / posted) * 50;
      figures[share(way, isWide)] = (usPerEvent * perSecond) / 1e4;
      if (way === 'graph') {
        const fast = await post(poster, consumer, { perSecond: perSecond * 4, forMs: turnMs / 2, isWide }); // prettier-ignore
        figures[capacity(isWide)] = 1e6 / fast.usPerEvent;
      }
      await consumer.ask('stop');
    }
  }
  return figures;
}

/** Has so many events posted and aggregated, and tells what each has cost. */
async function post(
  poster: Program,
  consumer: Program,
  pace: Pace,
): Promise<{ readonly usPerEvent: number; readonly posted: number; readonly lost: number }> {
  const before = await consumer.ask<Counted>('counted');
  const cpuUs = await consumer.ask<number>('cpu');
  const posted = await poster.ask<number>('pace', pace);
  const untilMs = performance.now() + patienceMs;
  let [events, lost] = [0, 0];
  for (;;) {
    const now = await consumer.ask<Counted>('counted');
    [events, lost] = [now.events - before.events, now.lost - before.lost];
    if (events + lost >= posted || performance.now() > untilMs) break;
    await delay(100);
  }
  const usedUs = (await consumer.ask<number>('cpu')) - cpuUs;
  // Faster than the machine can: what was lost last of all is not told before the listen ends.
  if (pace.perSecond === perSecond)
    assert.equal(events + lost, posted, 'every event was aggregated or told as lost');
  return { usPerEvent: usedUs / events, posted, lost };
}

/** Bytes that the heap grows by while much is aggregated, after a start that fills what is bounded. */
async function growth(): Promise<{ readonly grownBytes: number; readonly events: number }> {
  await using poster = await Program.start('graph-poster');
  await using consumer = await Program.start('graph-consumer');
  await consumer.ask('attach', poster.pid);
  await consumer.ask('start', { way: 'graph', pattern: 'bench.small' });
  const pace: Pace = { perSecond: perSecond * 3, forMs: 5000, isWide: false };
  await post(poster, consumer, pace);
  const before = await consumer.ask<number>('heap');
  let events = 0;
  for (let i = 0; i < 4; i++) events += (await post(poster, consumer, pace)).posted;
  return { grownBytes: (await consumer.ask<number>('heap')) - before, events };
}
