import { expect, it } from 'vitest';
import { wantsColour } from './colour.ts';

it.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [true, { TERM: 'dumb' }, false],
  [false, { FORCE_COLOR: '1' }, true],
  [false, { FORCE_COLOR: '' }, true],
  [true, { FORCE_COLOR: '0' }, false],
  [true, { FORCE_COLOR: '1', NO_COLOR: '1', TERM: 'dumb' }, true],
])('a terminal (%s) with %j is painted: %s', (isTerminal, env, expected) => {
  expect(wantsColour(isTerminal, env)).toBe(expected);
});
