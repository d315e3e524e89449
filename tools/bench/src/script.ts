import { type Benchmark, contestInProcesses, type Row, setGoal } from './benchmark.ts';
import { figuresOf, type Summary, summarize, summarizeDifference, summarizeRatio } from './measure.ts'; // prettier-ignore

const baseline = 'an empty probe';

/** What a script costs the thread that posts. */
export const script: Benchmark = {
  name: 'script',
  run: async (settings) => {
    const rounds = await contestInProcesses(settings, 'script');
    const ratio = (name: string, to: string): Summary => summarizeRatio(rounds, name, to);
    const beyond = (name: string): Summary => summarizeDifference(rounds, name, baseline);
    return {
      title: 'An event heard by a script in the thread that posts',
      baseline,
      rows: Object.keys(rounds[0] ?? {}).map((name): Row => ({
        name,
        figure: summarize(figuresOf(rounds, name)),
        unit: 'ns',
        ...(name === baseline ? {} : { ratio: ratio(name, baseline) }),
      })),
      goals: [
        setGoal('a number compared, to by hand', ratio('number, script', 'number, by hand'), 'x', { atMost: 1.2 }), // prettier-ignore
        setGoal('strings compared, to by hand', ratio('strings, script', 'strings, by hand'), 'x', { atMost: 1.2 }), // prettier-ignore
        setGoal('n[$port]++, beyond an empty probe', beyond('n[$port]++'), 'ns', { atMost: 40 }),
        setGoal('x <<< $len, beyond an empty probe', beyond('x <<< $len'), 'ns', { atMost: 40 }),
        setGoal('both, beyond an empty probe', beyond('n[$port]++; x <<< $len'), 'ns', { atMost: 40 }), // prettier-ignore
      ],
      notes: [
        'Payload { len: u32, port: u32, peer: string }, a new object for each event; 16 ports. Every probe has an event type of its own, and all run in the same process.',
        'What the scripts have counted was compared with what was posted.',
      ],
    };
  },
};
