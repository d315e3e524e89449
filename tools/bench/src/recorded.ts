import { type Benchmark, contestInProcesses, type Row, setGoal } from './benchmark.ts';
import { figuresOf, type Round, summarize, summarizeRatio } from './measure.ts';

const ours = 'ours';
const message = 'worker.postMessage';

/** The cost, to the poster, of an event for another thread. */
export const recorded: Benchmark = {
  name: 'recorded',
  run: async (settings) => {
    const bursts = await contestInProcesses(settings, 'recorded');
    const jobs = await contestInProcesses(settings, 'recorded', { args: ['jobs'], isByWall: true, turnMs: 2 }); // prettier-ignore
    return {
      title: 'Recorded for another thread, cost to the poster',
      baseline: ours,
      rows: [...rows(bursts, 'bursts'), ...rows(jobs, 'jobs')],
      goals: [
        setGoal('recorded, with a string field', summarize(figuresOf(bursts, ours)), 'ns', { atMost: 100 }), // prettier-ignore
        setGoal('recorded, postMessage to ours, in bursts', summarizeRatio(bursts, message, ours), 'x', { atLeast: 9 }), // prettier-ignore
        setGoal('recorded, postMessage to ours, in jobs', summarizeRatio(jobs, message, ours), 'x', { atLeast: 9 }), // prettier-ignore
      ],
      notes: [
        'Payload { host: string of 14, bytes: u32 }. Bursts: 5000 posts, then a wait that is not counted. Jobs: 10 posts, then 50 µs of other work, as in a program that does something beside posting.',
        'Bursts are processor time of the posting thread; jobs, which are too short for that, by the clock.',
        'The worker counted every message and every record; none was lost.',
      ],
    };
  },
};

function rows(rounds: readonly Round[], how: string): Row[] {
  return [ours, message].map((name) => ({
    name: `${name}, ${how}`,
    figure: summarize(figuresOf(rounds, name)),
    unit: 'ns',
    ...(name === ours ? {} : { ratio: summarizeRatio(rounds, name, ours) }),
  }));
}
