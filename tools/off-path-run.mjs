// Runs off-path-fixture.mjs under one Node binary and hands back what the analyser found there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const fixture = fileURLToPath(new URL('off-path-fixture.mjs', import.meta.url));

/** Why the listing cannot be read here, or undefined: the analyser knows x64, and V8's flags on Linux. */
export function whyNoDisassembly() {
  return process.platform === 'linux' && process.arch === 'x64'
    ? undefined
    : `needs x64-disassembly: this is ${process.platform}-${process.arch}`;
}

/**
 * Compiles the posts of the fixture and analyses their machine code.
 *
 * @returns `posts` (name, sites, allocates) and `words` (the flag word unheard and heard)
 */
export function runOffPath(node = process.execPath) {
  const directory = mkdtempSync(join(tmpdir(), 'extension-events-off-path-'));
  const listing = join(directory, 'code.asm');
  try {
    const flags = [
      // On-stack replacement compiles without knowing the closure; long-running functions are
      // compiled at their entry anyway, which is the code looked at here.
      '--no-use-osr',
      '--print-opt-code',
      '--print-opt-code-filter=bench*',
      '--redirect-code-traces',
      `--redirect-code-traces-to=${listing}`,
    ];
    const done = spawnSync(node, [...flags, fixture, listing], {
      encoding: 'utf8',
      timeout: 120_000,
      maxBuffer: 64 << 20,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    if (done.error) throw done.error;
    if (done.status !== 0) throw new Error(`the fixture failed on ${node}:\n${done.stderr}`);
    return JSON.parse(done.stdout);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Asserts what the analyser cannot know by itself: that the address it found is the flag word of the
 * event type, and that a payload written as a literal costs nothing while nobody has ever listened.
 */
export function assertOffPath({ posts, words }) {
  assert.equal(words.unheard, 0, 'the word read by the machine code is 0 while nobody listens');
  assert.notEqual(words.heard, 0, 'the word read by the machine code changes with a listener');
  const addresses = new Set(posts.flatMap(({ sites }) => sites.map((site) => site.address)));
  assert.equal(addresses.size, 1, 'every post reads the same flag word');
  for (const { name, allocates } of posts) {
    // Once the slow path has run, V8 makes the literal before it looks at the flag; the guard
    // `if (type.hasListeners)` avoids that, and a payload made beforehand has nothing to make.
    if (name !== 'benchWarmLiteral') assert.equal(allocates, false, `${name} allocates unheard`);
  }
}
