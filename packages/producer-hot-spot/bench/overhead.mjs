// Measures what an armed hot-spot costs the watched thread, in CPU time per unit of work.
//   node bench/overhead.mjs [--rounds N] [--frequency HZ] [NAME…]
// On and off alternate in one process; printed are the median and the quartiles of on/off over the rounds. The
// programs are those of real-programs.mjs, which must have run once to install them; `spin` needs none.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '15' },
    frequency: { type: 'string', default: '200' },
    phase: { type: 'string', default: '1500' },
  },
});
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const cache = join(path('../../..'), '.cache', 'real-programs');
const scratch = mkdtempSync(join(tmpdir(), 'hot-spot-overhead-'));
const host = join(scratch, 'host.mjs');
await build({
  entryPoints: [path('overhead-host.mjs')],
  outfile: host,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  conditions: ['@extension-events/source'],
  logLevel: 'error',
});

function measure(name) {
  const options = {
    rounds: Number(values.rounds),
    phaseMs: Number(values.phase),
    request: { frequencyHz: Number(values.frequency) },
  };
  const child = spawn(
    process.execPath,
    ['--import', path('../fixtures/preload.mjs'), path('workloads.mjs'), name, cache, '100000'],
    {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
      env: { HOT_SPOT_HOST: host, HOT_SPOT_OPTIONS: JSON.stringify(options) },
    },
  );
  const ratios = [];
  createInterface({ input: child.stdio[3] }).on('line', (line) => {
    const { off, on } = JSON.parse(line);
    ratios.push(on / off - 1);
    if (ratios.length === options.rounds) child.kill('SIGKILL');
  });
  return new Promise((resolve) => {
    child.on('close', () => resolve(ratios.toSorted((a, b) => a - b)));
  });
}

const percent = (ratio) => `${(ratio * 100).toFixed(2).padStart(6)}%`;
for (const name of positionals.length > 0 ? positionals : ['spin', 'handlebars', 'acorn']) {
  const ratios = await measure(name);
  const at = (quantile) => percent(ratios[Math.floor((ratios.length - 1) * quantile)]);
  console.log(
    `${name.padEnd(14)} ${values.frequency} Hz: ${at(0.5)} of CPU time per unit (quartiles ${at(0.25)} ${at(0.75)}, ${ratios.length} rounds)`,
  );
}
rmSync(scratch, { recursive: true });
