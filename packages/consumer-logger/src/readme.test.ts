import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loggerErrorCodes } from './errors.ts';
import { logFormats } from './format.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

it('has every code in the README, with its meaning', () => {
  const rows = [...readme.matchAll(/^\| `(EE_\w+)` +\| (.*?) *\|/gm)].map(([, code, meaning]) => [
    code,
    meaning,
  ]);
  expect(Object.fromEntries(rows)).toEqual(loggerErrorCodes);
});

it('has every format in the README', () => {
  const rows = [...readme.matchAll(/^\| `([\w-]+)` +\| `\./gm)].map(([, name]) => name);
  expect(rows).toEqual(logFormats);
});
