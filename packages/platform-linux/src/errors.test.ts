import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { platformLinuxErrorCodes } from './errors.ts';
import { ptraceErrorCodes } from './ptrace/errors.ts';
import { symbolsErrorCodes } from './symbols/errors.ts';
import { tracefsErrorCodes } from './tracefs/errors.ts';

it('the README documents exactly the error codes of all doors', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const documented = [...readme.matchAll(/^\| `(EE_\w+)`/gm)].map(([, code]) => code);
  const codes = { ...platformLinuxErrorCodes, ...ptraceErrorCodes, ...symbolsErrorCodes, ...tracefsErrorCodes }; // prettier-ignore
  expect(new Set(documented)).toEqual(new Set(Object.keys(codes)));
});
