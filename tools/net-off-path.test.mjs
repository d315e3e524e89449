import { expect, it } from 'vitest';
import { assertNetOffPath, mostInstructions, runNetOffPath } from './net-off-path-run.mjs';
import { whyNoDisassembly } from './off-path-run.mjs';

it(`adds at most ${mostInstructions} instructions and no object to a call while nobody hears (x64-disassembly)`, (context) => {
  const why = whyNoDisassembly();
  if (why !== undefined) context.skip(why);
  const result = runNetOffPath();
  assertNetOffPath(result);
  expect(result.node).toBe(process.version);
});
