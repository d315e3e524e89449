import { tracingChannel } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { getRegistry } from '@extension-events/core';
import { expect, it } from 'vitest';
import { createChannelProducer } from './index.ts';

it('the example that runs prints what the README says', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, code = ''] = /<!-- run -->\s*```js\n([\s\S]*?)```/.exec(readme) ?? [];
  const expected = [...code.matchAll(/^\/\/ (.*)$/gm)].map(([, line]) => line);
  const printed: string[] = [];
  const body = code.replaceAll(/^import [^;]*;\n/gm, '').replaceAll(/^\/\/.*$/gm, '');
  const known = { createChannelProducer, getRegistry, tracingChannel };
  // oxlint-disable-next-line typescript/no-implied-eval -- the README's own text
  const run = new Function('console', ...Object.keys(known), body) as (...args: unknown[]) => void;
  run({ log: (...words: unknown[]) => printed.push(words.join(' ')) }, ...Object.values(known));
  expect(printed).toEqual(expected);
  expect(expected).toHaveLength(1);
});
