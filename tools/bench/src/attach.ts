import { openSession } from '@extension-events/session';
import { type Benchmark, setGoal } from './benchmark.ts';
import { figuresOf, type Round, summarize, type Summary } from './measure.ts';
import { Program } from './program.ts';

const idle = 'idle program';
const busy = 'program in an endless loop';
const again = 'program that has an agent';

/** From asking for a process that was started without us to the connection to its agent. */
export const attach: Benchmark = {
  name: 'attach',
  run: async (settings) => {
    const rounds: Round[] = [];
    for (let round = 0; round < settings.rounds / 2; round++) {
      const [first, second] = await time(false);
      const [spinning] = await time(true);
      rounds.push({ [idle]: first, [busy]: spinning, [again]: second });
    }
    const summary = (name: string): Summary => summarize(figuresOf(rounds, name));
    return {
      title: 'Attach to a running process',
      rows: [idle, busy, again].map((name) => ({ name, figure: summary(name), unit: 'ms' })),
      goals: [idle, busy].map((name) => setGoal(`attach, ${name}`, summary(name), 'ms', { atMost: 500 })), // prettier-ignore
      notes: [
        'SIGUSR1, injection through the loopback inspector, start of the agent thread, its socket, hello, threads and types.',
      ],
    };
  },
};

async function time(isBusy: boolean): Promise<[first: number, second: number]> {
  await using program = await Program.start('idle');
  if (isBusy) await program.ask('spin');
  const session = await openSession({ name: 'bench' });
  try {
    const startMs = performance.now();
    await session.attach(program.pid);
    const attachedMs = performance.now();
    await session.attach(program.pid);
    return [attachedMs - startMs, performance.now() - attachedMs];
  } finally {
    await session.close();
  }
}
