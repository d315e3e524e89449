import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Benchmark, setGoal } from './benchmark.ts';
import { figuresOf, type Round, summarize, summarizeRatio } from './measure.ts';
import { has } from './native-program.ts';
import { startNativeTarget } from './native-target.ts';
import { Program } from './program.ts';
import { encodeRecords, makePerfData, takeSamples, type TakenSample } from './recorded-samples.ts';

const ours = 'pc, thread and time';
const script = 'perf script -F tid,time,ip';
const scriptRecords = 200_000;
// Whole rings, so that none is read for less than is counted.
const turnMs = 100;

/** Samples decoded a second and core, beside `perf script` on the same records. */
export const nativeDecode: Benchmark = {
  name: 'native-decode',
  run: async (settings) => {
    await using target = await startNativeTarget('busy', 2);
    const samples = has('perf') ? await takeSamples(target.pid, 5000) : [];
    const rounds: Round[] = [];
    while (rounds.length < settings.rounds) {
      await using program = await Program.start('native-decode');
      await program.ask('prepare', target.pid);
      const some = await program.ask<Round[]>('contest', { rounds: 5, turnMs });
      rounds.push(...some.map((round) => addScript(round, samples)));
    }
    const names = Object.keys(rounds[0] ?? {});
    const perSecond = (name: string) => summarize(figuresOf(rounds, name).map((ns) => 1e9 / ns));
    return {
      title: 'perf samples decoded a second, by processor time',
      baseline: ours,
      rows: names.map((name) => ({
        name,
        figure: perSecond(name),
        unit: '/s',
        ...(name === ours ? {} : { ratio: summarizeRatio(rounds, ours, name) }),
      })),
      goals: [setGoal('samples decoded a second and core', perSecond(ours), '/s', { atLeast: 1e7 })],
      notes: [
        'Real samples of a busy program, laid out by the kernel, again and again; every field that is read is added up and compared. The rings are of 4 MiB and more, and each has a record that wraps.',
        "The ratio of each is to the first: below 1 it is slower. perf script writes text, which wc counts, less what both take for one sample; it is what one has without a decoder of one's own.",
        ...(has('perf') ? [] : ['perf is not installed: its row is missing.']),
      ],
    };
  },
}; // prettier-ignore

/** Adds what perf script takes for each record, in ns. */
function addScript(round: Round, samples: readonly TakenSample[]): Round {
  if (samples.length === 0) return round;
  const tookMs = runScript(samples, scriptRecords) - runScript(samples, 1);
  return { ...round, [script]: (tookMs * 1e6) / scriptRecords };
}

/** Processor time of perf script over so many records, in ms. */
function runScript(samples: readonly TakenSample[], count: number): number {
  const directory = mkdtempSync(join(tmpdir(), 'bench-script-'));
  try {
    const file = join(directory, 'perf.data');
    writeFileSync(file, makePerfData(encodeRecords(samples, count, false), false));
    // The shell's own words for it: the second line of `times` is about its children.
    const text = execFileSync('sh', ['-c', `perf script -F tid,time,ip -i "$0" | wc -l; times`, file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }); // prettier-ignore
    const [lines, , children = ''] = text.trim().split('\n');
    if (Number(lines) !== count) throw new Error(`perf script told ${lines} of ${count} samples`);
    const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
    return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000, 0); // prettier-ignore
  } finally {
    rmSync(directory, { recursive: true });
  }
}
