import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNetOffPath, mostInstructions, runNetOffPath } from '../net-off-path-run.mjs';
import { whyNoDisassembly } from '../off-path-run.mjs';

void test(`an unheard net probe adds at most ${mostInstructions} instructions and no object`, (context) => {
  const why = whyNoDisassembly();
  if (why !== undefined) {
    context.skip(why);
    return;
  }
  const result = runNetOffPath();
  assertNetOffPath(result);
  assert.equal(result.node, process.version);
  const { without, unheard } = result.states;
  for (const [what, { instructions }] of Object.entries(unheard)) {
    context.diagnostic(`${what}: ${instructions - without[what].instructions} instructions more`);
  }
});
