import type { Command, Section } from './context.ts';

export const sectionTitles: Readonly<Record<Section, string>> = {
  stops: 'Stopping',
  running: 'Running',
  looking: 'Looking',
  threads: 'Threads',
  session: 'Session',
};

/** Every command in a line, by section. */
export function listCommands(commands: readonly Command[]): string[] {
  const width = Math.max(...commands.map((command) => command.usage.length));
  const lines: string[] = [];
  for (const [section, title] of Object.entries(sectionTitles)) {
    const members = commands.filter((command) => command.section === section);
    if (members.length === 0) continue;
    if (lines.length > 0) lines.push('');
    lines.push(`${title}:`);
    for (const { usage, summary } of members) lines.push(`  ${usage.padEnd(width)}  ${summary}`);
  }
  lines.push('', 'Commands may be abbreviated. help COMMAND tells more.');
  return lines;
}

/** One command: examples first, then its form and what there is to know. */
export function describeCommand(command: Command): string[] {
  const aliases = command.aliases ?? [];
  const lines = (command.examples ?? []).map((example) => `  ${example}`);
  if (lines.length > 0) lines.push('');
  lines.push(command.usage, `  ${capitalize(command.summary)}.`);
  if (command.details !== undefined) lines.push(`  ${command.details}`);
  if (aliases.length > 0) {
    const group = command.name.includes(' ') ? `${command.name.split(' ')[0]} ` : '';
    lines.push(`  Also: ${aliases.map((alias) => group + alias).join(', ')}.`);
  }
  return lines;
}

function capitalize(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
