import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { agentErrorCodes } from './errors.ts';

it('has every code in the README, with its meaning', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `(EE_\w+)` +\| (.*?) *\|$/gm)].map(([, code, meaning]) => [
    code,
    meaning,
  ]);
  expect(Object.fromEntries(rows)).toEqual(agentErrorCodes);
});
