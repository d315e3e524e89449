import { expect, it } from 'vitest';
import { isTooOld } from './start-agent.ts';

// process.getBuiltinModule came with 20.16.0 and 22.3.0.
it.each([
  ['v18.20.8', true],
  ['v20.15.1', true],
  ['v20.16.0', false],
  ['v21.7.3', true],
  ['v22.2.0', true],
  ['v22.3.0', false],
  ['v26.10.0', false],
  ['undefined', false],
])('Node %s is too old: %s', (version, expected) => {
  expect(isTooOld(version)).toBe(expected);
});
