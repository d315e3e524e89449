import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cliErrorCodes } from './errors.ts';
import { exitCode } from './exit-codes.ts';
import { createProgram } from './program.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

function rows(title: string): string[][] {
  const section = readme.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('| ')).slice(2); // prettier-ignore
  return lines.map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim())); // prettier-ignore
}

describe('README', () => {
  it('lists every code with its meaning and a remedy', () => {
    const listed = rows('Errors').map(([code = '', meaning]) => [code.replaceAll('`', ''), meaning]); // prettier-ignore
    expect(Object.fromEntries(listed)).toEqual(cliErrorCodes);
    expect(rows('Errors').every(([, , remedy]) => remedy !== undefined && remedy !== '')).toBe(true); // prettier-ignore
  });

  it('lists every exit code', () => {
    expect(rows('Exit codes').map(([code]) => Number(code))).toEqual(Object.values(exitCode));
  });

  it('lists every command and every option', () => {
    const { commands } = createProgram(undefined, () => undefined);
    const words = commands.flatMap((command) => [
      `extev ${command.name()}`,
      ...command.options.map((option) => option.long ?? option.short ?? ''),
    ]);
    expect(words.filter((word) => !readme.includes(word))).toEqual([]);
  });
});
