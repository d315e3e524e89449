import { expect, it } from 'vitest';
import { assertOffPath, runOffPath, whyNoDisassembly } from './off-path-run.mjs';

it('posts an unheard event for one load, one test and one jump (x64-disassembly)', (context) => {
  const why = whyNoDisassembly();
  if (why !== undefined) context.skip(why);
  const result = runOffPath();
  assertOffPath(result);
  expect(result.node).toBe(process.version);
});
