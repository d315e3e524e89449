import assert from 'node:assert/strict';
import {
  type Benchmark,
  type Goal,
  contestInProcesses,
  type Row,
  setGoal,
  type Settings,
} from './benchmark.ts';
import {
  figuresOf,
  type Round,
  summarize,
  summarizeDifference,
  summarizeRatio,
  type Summary,
} from './measure.ts';
import type { Program } from './program.ts';

const empty = 'empty call';
const heardEvents = 10_000;

/** Posts that nobody hears, beside an empty call. */
export const offPath: Benchmark = {
  name: 'off-path',
  run: async (settings) => {
    const cold = await contest(settings, 'cold');
    const warm = await contest(settings, 'warm');
    const beyond = (rounds: readonly Round[], name: string): Summary =>
      summarizeDifference(rounds, `ours, ${name}`, empty);
    const goal = (rounds: readonly Round[], name: string, when: string): Goal =>
      setGoal(`off path, ${name}${when}, beyond an empty call`, beyond(rounds, name), 'ns', { atMost: 1 }); // prettier-ignore
    return {
      title: 'A post that nobody hears',
      baseline: empty,
      rows: [...rows(cold, 'cold'), ...rows(warm, 'warm')],
      goals: [
        goal(cold, 'constant payload', ''),
        goal(cold, 'object literal', ''),
        goal(cold, 'if (hasListeners)', ''),
        goal(warm, 'constant payload', ', listener came and went'),
        goal(warm, 'object literal', ', listener came and went'),
        goal(warm, 'if (hasListeners)', ', listener came and went'),
      ],
      notes: [
        'cold: never heard in this process; warm: a listener of each came and went before.',
        'V8 inlines the empty call, so the baseline is the bare loop with its checked sum. An idle diagnostics_channel is folded away whole.',
        `After timing, each loop ran ${heardEvents} times with a listener and was heard as often: no post was optimized away for good.`,
      ],
    };
  },
};

function rows(rounds: readonly Round[], state: string): Row[] {
  return Object.keys(rounds[0] ?? {}).map((name) => ({
    name: `${name} (${state})`,
    figure: summarize(figuresOf(rounds, name)),
    unit: 'ns',
    ...(name === empty ? {} : { ratio: summarizeRatio(rounds, name, empty) }),
  }));
}

async function contest(settings: Settings, state: 'cold' | 'warm'): Promise<Round[]> {
  return contestInProcesses(settings, 'off-path', { args: [state], after: checkCounts });
}

async function checkCounts(running: Program): Promise<void> {
  const counts = await running.ask<Record<string, number>>('hear', heardEvents);
  for (const [name, heard] of Object.entries(counts))
    assert.equal(heard, name === empty ? 0 : heardEvents, `${name}: heard`);
}
