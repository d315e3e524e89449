import { type Benchmark, contestInProcesses, setGoal } from './benchmark.ts';
import { figuresOf, summarize, summarizeRatio } from './measure.ts';

const message = 'worker.postMessage';

/** The cost, to the poster, of an event for another thread. */
export const recorded: Benchmark = {
  name: 'recorded',
  run: async (settings) => {
    const rounds = await contestInProcesses(settings, 'recorded');
    const ours = summarize(figuresOf(rounds, 'ours'));
    const cheaper = summarizeRatio(rounds, message, 'ours');
    return {
      title: 'Recorded for another thread, cost to the poster',
      baseline: 'ours',
      rows: [
        { name: 'ours', figure: ours, unit: 'ns' },
        { name: message, figure: summarize(figuresOf(rounds, message)), unit: 'ns', ratio: cheaper }, // prettier-ignore
      ],
      goals: [
        setGoal('recorded, with a string field', ours, 'ns', { atMost: 100 }),
        setGoal('recorded, postMessage to ours', cheaper, 'x', { atLeast: 9 }),
      ],
      notes: [
        'Payload { host: string of 14, bytes: u32 }; bursts of 5000 while a worker reads, with the wait between bursts not counted.',
        'The worker counted every message and every record; none was lost.',
      ],
    };
  },
};
