import assert from 'node:assert/strict';
import { monotonicNs } from '@extension-events/core';
import type { Connection, ListenOptions, Summary as Accounts } from '@extension-events/session';
import { attachTo } from './attached.ts';
import { type Benchmark, setGoal } from './benchmark.ts';
import { figuresOf, type Round, summarize, type Summary } from './measure.ts';
import type { Program } from './program.ts';
import type { Posted } from './programs/poster.ts';

const forMs = 1500;
const pattern = 'bench.sent';

interface Way {
  readonly name: string;
  readonly options: ListenOptions;
  post(program: Program): Promise<Posted>;
}

const paced = (perSecond: number) => (program: Program) =>
  program.ask<Posted>('pace', { perSecond, forMs });

const ways: readonly Way[] = [
  { name: 'posted at 1 million/s', options: { pattern }, post: paced(1e6) },
  { name: 'posted without a pause', options: { pattern }, post: (program) => program.ask('flood', forMs) }, // prettier-ignore
  {
    name: 'the same, throttled to 100 000/s',
    options: { pattern, eventsPerSecond: 100_000 },
    post: (program) => program.ask('flood', forMs),
  },
];

/** Events from one process to another, as many as get through, and what became of the others. */
export const delivered: Benchmark = {
  name: 'delivered',
  run: async (settings) => {
    const rounds: Round[] = [];
    for (let round = 0; round < Math.max(3, settings.rounds / 4); round++) {
      await using target = await attachTo('poster');
      const figures: Record<string, number> = {};
      for (const way of ways) {
        const found = await deliver(target.connection, target.program, way);
        for (const [what, figure] of Object.entries(found))
          figures[`${way.name}: ${what}`] = figure;
      }
      rounds.push(figures);
    }
    const summary = (name: string): Summary => summarize(figuresOf(rounds, name));
    return {
      title: 'Delivered to another process, events a second',
      rows: Object.keys(rounds[0] ?? {}).map((name) => ({
        name,
        figure: summary(name),
        unit: name.endsWith('lost') || name.endsWith('throttled') ? '%' : '/s',
      })),
      goals: [
        setGoal('delivered to another process', summary('posted without a pause: delivered'), '/s', { atLeast: 1e6 }), // prettier-ignore
        setGoal('lost at 1 million/s', summary('posted at 1 million/s: lost'), '%', { atMost: 0 }),
      ],
      notes: [
        'Payload { host: string, bytes: u32 }, decoded to an object for each event in the consumer. Poster, agent thread and consumer share the processors.',
        'Delivered per second until the last event had arrived. Every account was exact: posted = matched = delivered + lost + throttled, and each gap in the sequence numbers was announced as a loss.',
      ],
    };
  },
};

async function deliver(
  connection: Connection,
  program: Program,
  way: Way,
): Promise<Record<string, number>> {
  const listening = connection.open(way.options);
  const seen = { events: 0, lost: 0, lastSeq: 0, gaps: 0, lastNs: 0 };
  listening.items$.subscribe((item) => {
    if (item.kind === 'loss') {
      seen.lost += item.count;
      seen.lastSeq += item.count;
      return;
    }
    seen.events++;
    if (item.seq !== ++seen.lastSeq) seen.gaps++;
    if ((seen.events & 1023) === 0) seen.lastNs = monotonicNs();
  });
  await listening.ready;
  const { posted, fromNs, toNs } = await way.post(program);
  await listening.unlisten();
  const accounts = listening.summary;
  check(way.name, posted, accounts, seen);
  const perSecond = (count: number, untilNs: number): number => (count * 1e9) / (untilNs - fromNs);
  return {
    posted: perSecond(posted, toNs),
    delivered: perSecond(seen.events, Math.max(seen.lastNs, toNs)),
    lost: (accounts.lost / posted) * 100,
    throttled: (accounts.throttled / posted) * 100,
  };
}

function check(
  name: string,
  posted: number,
  accounts: Accounts,
  seen: { readonly events: number; readonly lost: number; readonly gaps: number },
): void {
  const { matched, delivered: received, lost, throttled } = accounts;
  const told = `${name}: ${JSON.stringify({ posted, ...accounts, ...seen })}`;
  assert.equal(matched, posted, told);
  assert.equal(matched, received + lost + throttled, told);
  assert.equal(received, seen.events, told);
  assert.equal(seen.gaps, 0, told);
  assert.ok(seen.lost <= lost, told); // what was lost after the last record is only in the account
}
