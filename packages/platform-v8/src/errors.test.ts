import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { platformV8ErrorCodes } from './errors.ts';

it('the README documents exactly the error codes', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const documented = [...readme.matchAll(/^\| `(EE_\w+)`/gm)].map(([, code]) => code);
  expect(new Set(documented)).toEqual(new Set(Object.keys(platformV8ErrorCodes)));
});
