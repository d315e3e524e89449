import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertOffPath, runOffPath, whyNoDisassembly } from '../off-path-run.mjs';

void test('an unheard post is one load, one test and one jump', (context) => {
  const why = whyNoDisassembly();
  if (why !== undefined) {
    context.skip(why);
    return;
  }
  const result = runOffPath();
  assertOffPath(result);
  assert.equal(result.node, process.version);
  for (const { name, allocates, sites } of result.posts) {
    context.diagnostic(
      `${name}: ${sites[0].instructions.length} instructions, ${allocates ? 'allocates' : 'no allocation'}`,
    );
  }
});
