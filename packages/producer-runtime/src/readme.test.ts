import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as index from './index.ts';

it('the example that runs prints what the README says', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, code = ''] = /<!-- run -->\s*```js\n([\s\S]*?)```/.exec(readme) ?? [];
  const expected = [...code.matchAll(/^\/\/ (.*)$/gm)].map(([, line]) => line);
  const printed: unknown[] = [];
  const [, names = ''] = /^import \{([^}]*)\}/.exec(code) ?? [];
  const body = code.replace(/^import [^;]*;\n/, '').replaceAll(/^\/\/.*$/gm, '');
  const wanted = names.split(',').map((name) => name.trim()).filter((name) => name !== ''); // prettier-ignore
  const values = wanted.map((name) => (index as Record<string, unknown>)[name]);
  // oxlint-disable-next-line typescript/no-implied-eval -- the README's own text
  const run = new Function('console', ...wanted, body) as (...args: unknown[]) => void;
  run({ log: (line: unknown) => printed.push(line) }, ...values);
  expect(printed).toEqual(expected);
});
