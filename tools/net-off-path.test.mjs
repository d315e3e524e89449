import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { whyNoDisassembly } from './off-path-run.mjs';

const fixture = fileURLToPath(new URL('net-off-path-fixture.mjs', import.meta.url));
const most = 20;

function run() {
  const directory = mkdtempSync(join(tmpdir(), 'extension-events-off-path-'));
  const listing = join(directory, 'code.asm');
  const flags = ['--no-use-osr', '--print-opt-code', '--print-opt-code-filter=bench*', '--redirect-code-traces', `--redirect-code-traces-to=${listing}`]; // prettier-ignore
  try {
    const done = spawnSync(process.execPath, [...flags, fixture, listing], {
      encoding: 'utf8',
      timeout: 110_000,
      maxBuffer: 64 << 20,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    if (done.status !== 0) throw new Error(`the fixture failed:\n${done.stderr}`, { cause: done.error }); // prettier-ignore
    return JSON.parse(done.stdout).states;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

it(`adds at most ${most} instructions and no object to a call while nobody hears (x64-disassembly)`, (context) => {
  const why = whyNoDisassembly();
  if (why !== undefined) context.skip(why);
  const { without, ...states } = run();
  const places = Object.keys(without);
  expect(places.length).toBeGreaterThan(10);
  for (const what of places) {
    for (const state of ['unheard', 'unheardAgain']) {
      const { instructions, allocates, text } = states[state][what];
      const added = instructions - without[what].instructions;
      expect(added, `${what}, ${state}:\n${text.join('\n')}`).toBeLessThanOrEqual(most);
      // There is a probe, or there would be nothing to count.
      expect(added, `${what}, ${state}`).toBeGreaterThan(1);
      expect(allocates, `${what}, ${state}:\n${text.join('\n')}`).toBe(false);
    }
    // As it was before; but V8 may have forgotten that a method is a constant.
    expect(states.disposed[what].instructions - without[what].instructions, `${what}, disposed`).toBeLessThanOrEqual(5); // prettier-ignore
  }
});
