import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');
const section = readme.slice(readme.indexOf('## Scripts'), readme.indexOf('## Limits'));

function block(language: string): string {
  return new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(section)?.[1] ?? '';
}

it('runs the script of the README, which prints what is written there', () => {
  const output = execFileSync(
    process.execPath,
    ['--conditions=@extension-events/source', '--input-type=module-typescript', '-e', block('ts')],
    { cwd: fileURLToPath(root), encoding: 'utf8' },
  );
  expect(output).toBe(block('text'));
});
