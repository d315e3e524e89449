import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { agentThreadFile } from '@extension-events/session';
import { graphErrorCodes } from './errors.ts';
import { watchErrorCodes } from './server/errors.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

it('README has every error code with its meaning', () => {
  const rows = readme.split('\n').filter((line) => line.startsWith('| `EE_'));
  const cells = rows.map((row) => row.split('|').slice(1, 3).map((cell) => cell.trim().replaceAll('`', ''))); // prettier-ignore
  expect(Object.fromEntries(cells)).toEqual({ ...graphErrorCodes, ...watchErrorCodes });
});

it('README has an example that prints what stands below it', async (context) => {
  if (!existsSync(agentThreadFile())) context.skip('needs agent: it is not built');
  const [, code = '', output = ''] =
    /```ts\n(.*?)```\n\nprints[^\n]*\n\n```\n(.*?)```/s.exec(readme) ?? [];
  const directory = mkdtempSync(new URL('readme-', import.meta.url).pathname);
  try {
    const file = `${directory}/example.ts`;
    writeFileSync(file, code);
    const args = ['--conditions=@extension-events/source', file];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 50_000 });
    for (const line of output.trim().split('\n')) expect(stdout.split('\n')).toContain(line);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
