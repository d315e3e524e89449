import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { rotatedPath, shiftFiles } from './rotation.ts';
import { Temporary } from './testing/temporary.ts';

it('numbers closed files before the ending, which says what is in them', () => {
  expect(rotatedPath('/a.b/log.ndjson', 3)).toBe('/a.b/log.3.ndjson');
  expect(rotatedPath('log', 1)).toBe('log.1');
});

it.each([
  [0, {}],
  [1, { 'log.1.txt': 'now' }],
  [2, { 'log.1.txt': 'now', 'log.2.txt': 'first' }],
  [9, { 'log.1.txt': 'now', 'log.2.txt': 'first', 'log.3.txt': 'second' }],
])('keeps %s closed files', (keep, expected) => {
  using directory = new Temporary();
  const files = { 'log.txt': 'now', 'log.1.txt': 'first', 'log.2.txt': 'second' };
  for (const [name, text] of Object.entries(files)) writeFileSync(directory.at(name), text);
  shiftFiles(directory.at('log.txt'), keep);
  const left = readdirSync(directory.path).toSorted();
  const found = Object.fromEntries(left.map((name) => [name, readFileSync(directory.at(name), 'utf8')])); // prettier-ignore
  expect(Object.fromEntries(Object.keys(expected).map((name) => [name, found[name]]))).toEqual(
    expected,
  );
  expect(found['log.txt']).toBeUndefined();
});

it('leaves alone what is empty, missing, or no file', () => {
  using directory = new Temporary();
  writeFileSync(directory.at('log.txt'), '');
  shiftFiles(directory.at('log.txt'), 3);
  shiftFiles(directory.at('none.txt'), 3);
  shiftFiles('/dev/null', 3);
  expect(readdirSync(directory.path)).toEqual(['log.txt']);
});
