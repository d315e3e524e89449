// Ratios, side by side in one run: `npm run bench -- [--only NAME]... [--rounds N] [--json]`.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { attach } from './attach.ts';
import type { Benchmark, Result } from './benchmark.ts';
import { delivered } from './delivered.ts';
import { graph } from './graph.ts';
import { hotSpotLatency } from './hot-spot-latency.ts';
import { hotSpotOverhead } from './hot-spot-overhead.ts';
import { nativeDecode } from './native-decode.ts';
import { nativeLost } from './native-lost.ts';
import { nativeSampling } from './native-sampling.ts';
import { nativeStop } from './native-stop.ts';
import { netProbes } from './net-probes.ts';
import { offPath } from './off-path.ts';
import { page } from './page.ts';
import { predicates } from './predicates.ts';
import { recorded } from './recorded.ts';
import { formatGoals, formatResult } from './report.ts';
import { sameThread } from './same-thread.ts';
import { script } from './script.ts';
import { stop } from './stop.ts';

const benchmarks: readonly Benchmark[] = [
  offPath,
  sameThread,
  recorded,
  delivered,
  predicates,
  script,
  attach,
  stop,
  hotSpotLatency,
  hotSpotOverhead,
  nativeDecode,
  nativeSampling,
  nativeLost,
  nativeStop,
  netProbes,
  graph,
  page,
];

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const rounds = Number(values.rounds);
  const unknown = values.only.filter((name) => !benchmarks.some((each) => each.name === name));
  if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
    const names = benchmarks.map(({ name }) => name).join(', ');
    console.error(`bench: --only takes ${names}; --rounds a whole number from 1.`);
    return 2;
  }
  const chosen = benchmarks.filter(
    ({ name }) => values.only.length === 0 || values.only.includes(name),
  );
  const say = values.json ? console.error : console.log;
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? '', cpus: cpus().length };
  say(`node ${machine.node}, ${machine.cpus} x ${machine.cpu}, load ${loadavg()[0]?.toFixed(1)} at the start\n`); // prettier-ignore
  const results: Record<string, Result> = {};
  const failed: string[] = [];
  for (const { name, run } of chosen) {
    try {
      const result = await run({ rounds });
      results[name] = result;
      say(formatResult(result));
    } catch (error) {
      // The others still have something to say.
      failed.push(name);
      console.error(`${name} failed:`, error, '\n');
    }
  }
  const goals = Object.values(results).flatMap((result) => result.goals);
  say(formatGoals(goals));
  if (values.json) console.log(JSON.stringify({ machine, rounds, results, failed }, undefined, 2));
  return failed.length === 0 ? 0 : 1;
}
