import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Benchmark, setGoal } from './benchmark.ts';
import { figuresOf, type Round, summarize, type Summary } from './measure.ts';
import { has } from './native-program.ts';
import { startNativeTarget } from './native-target.ts';
import { Program } from './program.ts';

const threads = 16;
const frequencyHz = 997;
const windowMs = 2000;
const settleMs = 1000;

interface Progress {
  readonly samples: number;
  readonly cpuMs: number;
  readonly wallMs: number;
}

const ours = 'ours';
const perf = 'perf record -g';
const oneMore = `${ours}: processor time of a sample when there are many`;
const allBusy = `${ours}: of a core, were all ${threads} running`;
const nameOf = (what: string): string => `${ours}: ${what}`;

/** What the sampling process itself uses of the machine, beside `perf record` on the same threads. */
export const nativeSampling: Benchmark = {
  name: 'native-sampling',
  run: async (settings) => {
    await using target = await startNativeTarget('busy', threads);
    await using program = await Program.start('native-host');
    await program.ask('open', target.pid);
    const rounds: Round[] = [];
    for (let round = 0; round < Math.max(3, settings.rounds / 2); round++) {
      const measures = [
        () => measureOurs(program),
        () => measurePerf(target.pid),
      ];
      if (round % 2 === 1) measures.reverse();
      const figures: Record<string, number> = {};
      for (const measure of measures) Object.assign(figures, await measure());
      rounds.push(figures);
    }
    const replays: number[] = [];
    for (let i = 0; i < 3; i++) replays.push(await program.ask<number>('replay', target.pid));
    const us = summarize(replays).median;
    rounds.splice(0, rounds.length, ...rounds.map((round) => addReplay(round, us)));
    const figure = (name: string): Summary => summarize(figuresOf(rounds, name));
    const names = Object.keys(rounds[0] ?? {}).toSorted((a, b) => (a < b ? -1 : 1));
    return {
      title: `Sampling ${threads} busy threads at ${frequencyHz} Hz, processor time of the sampling process`,
      rows: names.map((name) => ({ name, figure: figure(name), unit: unitOf(name) })),
      goals: [
        setGoal(`sampling ${threads} threads at ${frequencyHz} Hz`, figure(nameOf('of a core')), '%', { atMost: 1 }),
        setGoal(`sampling ${threads} threads that all run`, figure(allBusy), '%', { atMost: 1 }),
      ],
      notes: [
        `Few samples find code that V8 has not optimized. When there are many: real samples, decoded, given to the producer as fast as it takes them. From it follows what ${threads} threads would take that have a processor each.`,
        `Windows of ${windowMs} ms in turn. Samples are taken of running threads only: ${threads} threads on a few processors make no more samples than these processors have time.`,
        'Both with call chains. Ours counts places in a sliding window and names them; perf record writes a file, whose reading is not in its figure.',
        ...(has('perf') ? [] : ['perf is not installed: its rows are missing.']),
      ],
    };
  },
}; // prettier-ignore

const unitOf = (name: string): string =>
  name.endsWith('a second') ? '/s' : name === oneMore ? 'us' : '%';

/** What follows for a machine on which all threads run. */
function addReplay(round: Round, us: number): Round {
  const at = (what: string): number => round[nameOf(what)] ?? Number.NaN;
  const missing = threads * frequencyHz - at('samples a second');
  // Of a core, in per cent: 1 % is 10 000 microseconds a second.
  return { ...round, [oneMore]: us, [allBusy]: at('of a core') + (us * missing) / 1e4 };
}

async function measureOurs(program: Program): Promise<Round> {
  // So many hits that nothing is found: what is measured is the sampling.
  await program.ask('arm', { frequencyHz, hits: 1_000_000 });
  await delay(settleMs);
  const from = await program.ask<Progress>('progress');
  await delay(windowMs);
  const to = await program.ask<Progress>('progress');
  await program.ask('disarm');
  const samples = to.samples - from.samples;
  if (samples === 0) throw new Error('no sample was taken');
  const wallMs = to.wallMs - from.wallMs;
  return {
    [nameOf('samples a second')]: (samples * 1000) / wallMs,
    [nameOf('of a core')]: ((to.cpuMs - from.cpuMs) / wallMs) * 100,
  };
}

async function measurePerf(pid: number): Promise<Round> {
  if (!has('perf')) return {};
  const directory = mkdtempSync(join(tmpdir(), 'bench-perf-'));
  const file = join(directory, 'perf.data');
  const args = ['record', '-q', '-g', '-F', String(frequencyHz), '-e', 'task-clock', '-p', String(pid), '-o', file]; // prettier-ignore
  const child = spawn('perf', args, { stdio: 'ignore' });
  try {
    await delay(settleMs);
    const from = { cpuMs: readCpuMs(child), wallMs: performance.now() };
    await delay(windowMs);
    const to = { cpuMs: readCpuMs(child), wallMs: performance.now() };
    const wallMs = to.wallMs - from.wallMs;
    return { [`${perf}: of a core`]: ((to.cpuMs - from.cpuMs) / wallMs) * 100 };
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    await ended;
    rmSync(directory, { recursive: true });
  }
}

/** Time on a processor of a process with one thread, as the scheduler counts it in ns. */
function readCpuMs({ pid }: ChildProcess): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}
