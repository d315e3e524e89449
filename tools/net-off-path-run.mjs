// Runs net-off-path-fixture.mjs under one Node binary, and judges what an unheard net probe adds.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const fixture = fileURLToPath(new URL('net-off-path-fixture.mjs', import.meta.url));

/** Instructions that an unheard probe may add to a call. */
export const mostInstructions = 20;

/**
 * Compiles calls of each patched method before, with, and after the probes.
 *
 * @returns `node`, and `states`: for each of them, by place, `instructions`, `allocates`, `text`
 */
export function runNetOffPath(node = process.execPath) {
  const directory = mkdtempSync(join(tmpdir(), 'extension-events-off-path-'));
  const listing = join(directory, 'code.asm');
  const flags = ['--no-use-osr', '--print-opt-code', '--print-opt-code-filter=bench*', '--redirect-code-traces', `--redirect-code-traces-to=${listing}`]; // prettier-ignore
  try {
    const done = spawnSync(node, [...flags, fixture, listing], {
      encoding: 'utf8',
      timeout: 110_000,
      maxBuffer: 64 << 20,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    if (done.status !== 0) throw new Error(`the fixture failed:\n${done.stderr}`, { cause: done.error }); // prettier-ignore
    return JSON.parse(done.stdout);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Asserts that every probe is there, adds little and allocates nothing, and is gone afterwards. */
export function assertNetOffPath({ states: { without, ...states } }) {
  const places = Object.keys(without);
  assert.ok(places.length > 10);
  for (const what of places) {
    for (const state of ['unheard', 'unheardAgain']) {
      const { instructions, allocates, text } = states[state][what];
      const added = instructions - without[what].instructions;
      const message = `${what}, ${state}: ${added} instructions more\n${text.join('\n')}`;
      assert.ok(added <= mostInstructions, message);
      // There is a probe, or there would be nothing to count.
      assert.ok(added > 1, message);
      assert.equal(allocates, false, message);
    }
    // As it was before; but V8 may have forgotten that a method is a constant.
    const left = states.disposed[what].instructions - without[what].instructions;
    assert.ok(left <= 5, `${what}, disposed: ${left} instructions more`);
  }
}
