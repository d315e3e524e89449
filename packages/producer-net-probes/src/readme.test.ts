import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { netProbesDescriptors, netProbesErrorCodes } from './index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

it('the example that runs prints what the README says', () => {
  const [, code = ''] = /<!-- run -->\s*```js\n([\s\S]*?)```/.exec(readme) ?? [];
  const expected = [...code.matchAll(/^\/\/ (.*)$/gm)].map(([, line]) => line);
  const args = ['--conditions=@extension-events/source', '--input-type=module', '--eval', code];
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const printed = execFileSync(process.execPath, args, { cwd, encoding: 'utf8' });
  expect(printed.trimEnd().split('\n')).toEqual(expected);
});

it('the README has each event and each error code', () => {
  for (const { name } of netProbesDescriptors) expect(readme).toContain(`| \`${name}\``);
  for (const [code, meaning] of Object.entries(netProbesErrorCodes)) {
    expect(readme.replaceAll(/ +\|/g, ' |')).toMatch(new RegExp(`\\| \`${code}\` +\\| ${meaning}`));
  }
});
