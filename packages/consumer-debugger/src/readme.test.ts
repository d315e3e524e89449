import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commands } from './commands.ts';
import { debuggerErrorCodes } from './errors.ts';
import { sectionTitles } from './help.ts';

// A formatter pads the cells of tables.
const readme: string = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  .split('\n')
  .map((row) => row.replaceAll(/ {2,}/g, ' '))
  .join('\n');
const cell = (text: string): string => text.replaceAll('|', String.raw`\|`);

describe('README', () => {
  it('has the reference of the commands as help has it', () => {
    const rows = Object.entries(sectionTitles).flatMap(([section, title]) => [
      `| **${title}** | |`,
      ...commands
        .filter((command) => command.section === section)
        .map(({ usage, summary }) => `| \`${cell(usage)}\` | ${cell(summary)} |`),
    ]);
    const from = readme.indexOf('| **Stopping** | |');
    expect(readme.slice(from, readme.indexOf('\n\n', from)).split('\n')).toEqual(rows);
  });

  it('has every error code with its meaning', () => {
    const rows = readme.split('\n').filter((line) => line.startsWith('| `EE_'));
    const expected = Object.entries(debuggerErrorCodes).map(
      ([code, meaning]) => `| \`${code}\` | ${meaning} |`,
    );
    expect(rows).toEqual(expected);
  });
});
