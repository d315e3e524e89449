import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { whyNoPerf } from '../fixtures/perf/watching.ts';

const root = new URL('../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');

function block(language: string): string {
  return new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(readme)?.[1] ?? '';
}

it('the README shows a program that prints what it says', async (context) => {
  const reason = await whyNoPerf();
  if (reason !== undefined) context.skip(`needs perf-task-clock: ${reason}`);
  const args = ['--conditions=@extension-events/source', '--input-type=module-typescript', '-e', block('ts')]; // prettier-ignore
  const output = execFileSync(process.execPath, args, { cwd: fileURLToPath(root), encoding: 'utf8', timeout: 60_000 }); // prettier-ignore
  expect(output).toBe(block('text'));
});
