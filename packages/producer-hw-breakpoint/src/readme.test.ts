import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = new URL('../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');

it('the README shows a program that runs, and prints what it says', (context) => {
  const [, program = ''] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? [];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@extension-events/source', '--input-type=module-typescript', '-e', program],
    { cwd: fileURLToPath(root), encoding: 'utf8' },
  );
  if (/EE_(PERF|LINUX)_|reports none/.test(stderr))
    context.skip(`needs data-breakpoint: ${stderr}`);
  expect(program).toContain('// write 4 bytes');
  expect(stdout || stderr).toBe('write 4 bytes\n');
});
