import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { coreErrorCodes } from './errors.ts';
import { ringLossReasons } from './ring.ts';
import { typeCapacity } from './flags.ts';

const root = new URL('../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');

function blocks(language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms');
  return Array.from(readme.matchAll(fence), ([, text]) => text ?? '');
}

function run(program: string): string {
  return execFileSync(
    process.execPath,
    ['--conditions=@extension-events/source', '--input-type=module-typescript', '-e', program],
    { cwd: fileURLToPath(root), encoding: 'utf8' },
  );
}

describe('README', () => {
  const [first = '', , requested = ''] = blocks('ts');

  it('shows a program that prints what the README says', () => {
    expect(run(first)).toBe(blocks('text')[0]);
  });

  it('shows a requested type that is armed and disarmed', () => {
    expect(run(requested)).toBe('beat 1\nbeat 2\n');
  });

  it('shows only programs that run', () => {
    for (const program of blocks('ts')) expect(() => run(program)).not.toThrow();
  });

  it('lists every error with its meaning, and no other', () => {
    const rows = Array.from(readme.matchAll(/^\| `(EE_\w+)` +\| (.*?) +\|/gm), ([, code, meaning]) => [code, meaning]); // prettier-ignore
    expect(Object.fromEntries(rows)).toEqual(coreErrorCodes);
  });

  it('lists every reason of loss, and the limit of types', () => {
    for (const reason of [...ringLossReasons, 'queue-full'])
      expect(readme).toContain(`\`${reason}\``);
    expect(readme).toContain(`${typeCapacity} types a thread`);
  });
});
