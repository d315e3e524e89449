import { type Benchmark, contestInProcesses, setGoal } from './benchmark.ts';
import { figuresOf, summarize, summarizeRatio, type Summary } from './measure.ts';

const baseline = 'EventEmitter';

/** One listener on the posting thread, delivery included. */
export const sameThread: Benchmark = {
  name: 'same-thread',
  run: async (settings) => {
    const rounds = await contestInProcesses(settings, 'same-thread');
    const ratio = (name: string): Summary => summarizeRatio(rounds, name, baseline);
    return {
      title: 'One listener on the same thread, delivered',
      baseline,
      rows: Object.keys(rounds[0] ?? {}).map((name) => ({
        name,
        figure: summarize(figuresOf(rounds, name)),
        unit: 'ns',
        ...(name === baseline ? {} : { ratio: ratio(name) }),
      })),
      goals: [
        setGoal('same thread, to EventEmitter', ratio('ours, type.listen'), 'x', { atMost: 1 }),
      ],
      notes: [
        'Payload { host: string, bytes: u32 }, a new object for each event. Jobs of 100 posts; all are delivered before the next.',
        'Ours checks each payload against its fields, copies it, and delivers at the safe point; the others call the listener with the same object from within the post.',
        'Every event was counted, and what it said was added up and checked.',
      ],
    };
  },
};
