import assert from 'node:assert/strict';
import { type Benchmark, setGoal } from './benchmark.ts';
import { figuresOf, type Round, summarize } from './measure.ts';
import { startNativeTarget } from './native-target.ts';
import { Program } from './program.ts';

const faults = 256 * 400;

interface Account {
  readonly counted: number;
  readonly samples: number;
  readonly lost: number;
}

/** Samples that found no room in the ring: each is counted. */
export const nativeLost: Benchmark = {
  name: 'native-lost',
  run: async (settings) => {
    const rounds: Round[] = [];
    for (let round = 0; round < Math.max(3, settings.rounds / 4); round++) {
      await using target = await startNativeTarget('faults', faults);
      await using program = await Program.start('native-host');
      await program.ask('overflow', target.pid);
      await program.ask('armFaults');
      const stalled = program.ask('stall', 300);
      await target.work();
      await stalled;
      const { counted, samples, lost } = await program.ask<Account>('account');
      assert.ok(counted >= faults, `${counted} of at least ${faults} page faults were counted`);
      rounds.push({
        counted,
        lost: (lost / counted) * 100,
        'not accounted for': Math.abs(counted - samples - lost),
      });
    }
    const figure = (name: string) => summarize(figuresOf(rounds, name));
    return {
      title: 'Samples lost in a ring of one page that nobody reads',
      rows: [
        { name: 'page faults, each of them a sample', figure: figure('counted'), unit: '' },
        { name: 'lost', figure: figure('lost'), unit: '%' },
        { name: 'not accounted for', figure: figure('not accounted for'), unit: '' },
      ],
      goals: [
        setGoal('native samples not accounted for', figure('not accounted for'), '', { atMost: 0 }),
      ],
      notes: [
        'The kernel counts the faults by itself; what was handed over and what was told as lost must add up to that. The reader sleeps while the target makes them.',
      ],
    };
  },
};
