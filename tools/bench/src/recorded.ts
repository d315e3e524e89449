import { type Benchmark, contestInProcesses, type Row, setGoal } from './benchmark.ts';
import { figuresOf, type Round, summarize, summarizeRatio } from './measure.ts';

const ours = 'ours';
const message = 'worker.postMessage';

/** The cost, to the poster, of an event for another thread. */
export const recorded: Benchmark = {
  name: 'recorded',
  run: async (settings) => {
    const rounds = await contestInProcesses(settings, 'recorded');
    const byWall = await contestInProcesses(settings, 'recorded', { isByWall: true });
    return {
      title: 'Recorded for another thread, cost to the poster',
      baseline: ours,
      rows: [...rows(rounds, ''), ...rows(byWall, ', by the clock')],
      goals: [
        setGoal('recorded, with a string field', summarize(figuresOf(rounds, ours)), 'ns', { atMost: 100 }), // prettier-ignore
        setGoal('recorded, postMessage to ours', summarizeRatio(rounds, message, ours), 'x', { atLeast: 9 }), // prettier-ignore
      ],
      notes: [
        'Payload { host: string of 14, bytes: u32 }; bursts of 5000 while a worker reads, with the wait between bursts not counted.',
        'Processor time of the posting thread; by the clock, its waits for locks and for the processor count too.',
        'The worker counted every message and every record; none was lost.',
      ],
    };
  },
};

function rows(rounds: readonly Round[], how: string): Row[] {
  return [ours, message].map((name) => ({
    name: name + how,
    figure: summarize(figuresOf(rounds, name)),
    unit: 'ns',
    ...(name === ours ? {} : { ratio: summarizeRatio(rounds, name, ours) }),
  }));
}
