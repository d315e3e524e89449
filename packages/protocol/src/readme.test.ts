import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { debugMethods, grantsNeeded } from './debug.ts';
import { protocolErrorCodes } from './errors.ts';
import { frameKinds } from './frames.ts';
import { socketPathErrorCodes } from './socket-path.ts';

const root = new URL('../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');

function block(language: string): string {
  return new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(readme)?.[1] ?? '';
}

describe('README', () => {
  it('shows a program that prints what the README says', () => {
    const output = execFileSync(
      process.execPath,
      ['--conditions=@extension-events/source', '--input-type=module-typescript', '-e', block('ts')], // prettier-ignore
      { cwd: fileURLToPath(root), encoding: 'utf8' },
    );
    expect(output).toBe(block('text'));
  });

  it('lists every kind of frame with its number', () => {
    const rows = Array.from(readme.matchAll(/^\| `([a-z-]+)` +\| (\d+)/gm), ([, kind, number]) => [kind, Number(number)]); // prettier-ignore
    expect(Object.fromEntries(rows)).toEqual(frameKinds);
  });

  it('lists every error with its meaning, and no other', () => {
    const rows = Array.from(readme.matchAll(/^\| `(EE_\w+)` +\| (.*?) +\|/gm), ([, code, meaning]) => [code, meaning]); // prettier-ignore
    expect(Object.fromEntries(rows)).toEqual({ ...protocolErrorCodes, ...socketPathErrorCodes });
  });
});

describe('the grants of debug methods', () => {
  it('are at least one for each method, and more for what evaluates or writes', () => {
    for (const method of Object.keys(debugMethods)) expect(grantsNeeded(method)).toHaveLength(1);
    expect(grantsNeeded('set-breakpoint', { condition: '1' })).toEqual(['stop', 'evaluate']);
    expect(grantsNeeded('evaluate', { sideEffects: true })).toEqual(['evaluate', 'write']);
    expect(grantsNeeded('evaluate', { sideEffects: 'yes' })).toEqual(['evaluate']);
  });

  it('are not known for anything else', () => {
    for (const method of ['', 'toString', '__proto__', 'Runtime.evaluate', 'Debugger.enable']) {
      expect(grantsNeeded(method)).toBeUndefined();
    }
  });
});
