import assert from 'node:assert/strict';
import type { Connection, ListenOptions } from '@extension-events/session';
import { attachTo } from './attached.ts';
import { type Benchmark, setGoal } from './benchmark.ts';
import { figuresOf, type Round, summarize, summarizeRatio } from './measure.ts';

const count = 200_000;
const pattern = 'bench.sent';
// Of strings and numbers, as people write them; no event of the program has such a host.
const where = 'bytes > 10 && host == "nowhere.example.org"';
const baseline = 'listen, where never true';
const catchNever = 'catch, if never true';

const ways: Readonly<Record<string, ListenOptions | undefined>> = {
  'nobody listens': undefined,
  [baseline]: { pattern, where },
  [catchNever]: { pattern, where, catch: {} },
};

/** A post that somebody listens to under a condition which it never meets. */
export const predicates: Benchmark = {
  name: 'predicates',
  run: async (settings) => {
    await using target = await attachTo('poster', ['stop']);
    const { connection, program } = target;
    const rounds: Round[] = [];
    for (let round = -2; round < settings.rounds; round++) {
      const figures: Record<string, number> = {};
      const names = Object.keys(ways);
      for (let i = 0; i < names.length; i++) {
        const name = names[(i + round + names.length) % names.length] ?? baseline;
        figures[name] = await under(connection, ways[name], () => program.ask('time', count));
      }
      if (round >= 0) rounds.push(figures); // the first two let V8 optimize
    }
    const ratio = summarizeRatio(rounds, catchNever, baseline);
    return {
      title: 'A post under a condition that is never true',
      baseline,
      rows: Object.keys(ways).map((name) => ({
        name,
        figure: summarize(figuresOf(rounds, name)),
        unit: 'ns',
        ...(name === baseline ? {} : { ratio: summarizeRatio(rounds, name, baseline) }),
      })),
      goals: [setGoal('catch … if never true, to where never true', ratio, 'x', { atMost: 1.1 })],
      notes: [
        `Condition: ${where}. The consumer is another process with the grant stop; the predicate runs in the posting thread.`,
        'No event matched, none was delivered, the program was never stopped.',
      ],
    };
  },
};

async function under(
  connection: Connection,
  options: ListenOptions | undefined,
  measure: () => Promise<number>,
): Promise<number> {
  if (options === undefined) return measure();
  const listening = connection.open(options);
  await listening.ready;
  const figure = await measure();
  await listening.unlisten();
  assert.equal(listening.summary.matched, 0, 'events that matched');
  return figure;
}
