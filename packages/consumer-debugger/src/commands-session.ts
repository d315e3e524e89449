import { compilePattern } from '@extension-events/core';
import { splitWords } from './arguments.ts';
import { describeFailures } from './catch-failures.ts';
import { describePlace, describeWanted } from './commands-stops.ts';
import { formatTable } from './commands-threads.ts';
import type { Command, Context } from './context.ts';
import type { Stopper } from './catchpoints.ts';
import { debuggerError } from './errors.ts';
import { formatEventType, formatEventTypes } from './format-types.ts';
import { plural } from './format-quantity.ts';
import { describeCommand, listCommands } from './help.ts';
import { suggest } from './near-misses.ts';
import { parseLine } from './parse-command.ts';

/** Commands about the session itself, and what can be caught in it. */
export const sessionCommands: readonly Command[] = [
  {
    name: 'info events',
    section: 'stops',
    usage: 'info events [PATTERN]',
    summary: 'list the event types that can be caught; one with its fields and parameters',
    examples: ['info events', 'info events net.*', 'info events hot-spot'],
    completes: 'event',
    run: showEvents,
  },
  {
    name: 'info catchpoints',
    aliases: ['breakpoints'],
    section: 'stops',
    usage: 'info catchpoints',
    summary: 'show the table of catchpoints and breakpoints',
    run: showCatchpoints,
  },
  {
    name: 'set skip',
    section: 'session',
    usage: 'set skip [PATTERN…]',
    summary: 'files (wildcards) that are not your code: stops and steps pass them; none clears',
    examples: ['set skip **/vendor/**', 'set skip'],
    run: async ({ debuggee, transcript }, argument) => {
      // A bare word is meant to match anywhere in the path.
      const patterns = splitWords(argument).map(({ text }) =>
        text.includes('*') ? text : `*${text}*`,
      );
      await debuggee.engine.setSkip(patterns);
      transcript.write(
        patterns.length === 0
          ? 'No file is skipped.'
          : `Skipped from now on: ${patterns.join(', ')}`,
      );
    },
  },
  {
    name: 'source',
    section: 'session',
    usage: 'source FILE',
    summary: 'run the commands of a file',
    needsNoTarget: true,
    completes: 'file',
    run: async (context, argument) => {
      const [file] = splitWords(argument);
      if (file === undefined) {
        throw debuggerError(
          'EE_COMMAND_ARGUMENT',
          'source needs a file.',
          'The form is: source FILE.',
        );
      }
      await context.runFile(file.text);
    },
  },
  {
    name: 'echo',
    section: 'session',
    usage: 'echo TEXT',
    summary: 'print a line',
    needsNoTarget: true,
    run: ({ transcript }, argument) => transcript.write(argument),
  },
  {
    name: 'help',
    aliases: ['h', '?'],
    section: 'session',
    usage: 'help [COMMAND]',
    summary: 'list the commands, or explain one',
    needsNoTarget: true,
    completes: 'command',
    run: help,
  },
  {
    name: 'detach',
    aliases: ['det'],
    section: 'session',
    usage: 'detach',
    summary: 'let everything run, take back every catchpoint, and leave',
    run: (context) => context.leave(0),
  },
  {
    name: 'quit',
    aliases: ['q', 'exit'],
    section: 'session',
    usage: 'quit',
    summary: 'the same as detach: the process goes on',
    needsNoTarget: true,
    run: (context) => context.leave(0),
  },
];

function showEvents({ debuggee, transcript }: Context, argument: string): void {
  const pattern = argument.trim();
  const types = debuggee.connection.eventTypes
    .filter((type) => pattern === '' || compilePattern(pattern)(type.descriptor.name))
    .toSorted((a, b) => (a.descriptor.name < b.descriptor.name ? -1 : 1));
  const [only] = types;
  if (only === undefined) {
    const names = debuggee.connection.eventTypes.map((type) => type.descriptor.name);
    transcript.write(
      pattern === ''
        ? 'No event type is registered yet.'
        : `No event type matches ${pattern}. ${suggest(pattern, names, 'info events lists all.')}`,
    );
    return;
  }
  if (types.length === 1 && pattern !== '') {
    transcript.write(...formatEventType(only, transcript.width, transcript.paint));
    return;
  }
  transcript.write(...formatEventTypes(types, transcript.width, transcript.paint));
}

function showCatchpoints({ debuggee, transcript }: Context): void {
  const { all } = debuggee.catchpoints;
  if (all.length === 0) {
    transcript.write('No catchpoints or breakpoints.');
    return;
  }
  const table = formatTable(
    ['Num', 'Type', 'Disp', 'Enb', 'What'],
    all.map((entry) => [
      String(entry.number),
      entry.kind,
      entry.isTemporary ? 'del' : 'keep',
      entry.isEnabled ? 'y' : 'n',
      describeTarget(entry),
    ]),
  );
  const [header = '', ...rows] = table;
  transcript.write(header);
  for (const [index, row] of rows.entries()) {
    const entry = all[index];
    transcript.write(row, ...(entry === undefined ? [] : describeDetails(entry)));
  }
}

function describeTarget(entry: Stopper): string {
  if (entry.kind === 'catchpoint' || entry.places.length === 0) {
    const pending = entry.kind === 'breakpoint' && entry.isEnabled ? ' (pending)' : '';
    return `${describeWanted(entry)}${pending}`;
  }
  return [...new Set(entry.places.map(describePlace))].join(', ');
}

function describeDetails(entry: Stopper): string[] {
  const details: string[] = [];
  if (entry.condition !== undefined) details.push(`stops only if ${entry.condition}`);
  if (entry.kind === 'catchpoint') details.push(...describeFailures(entry.pattern, entry.failures));
  // Hits of a breakpoint that are let pass are counted too, as gdb does.
  const did = entry.kind === 'breakpoint' ? 'was hit' : 'has stopped';
  if (entry.hits > 0) details.push(`${did} ${plural(entry.hits, 'time')}`);
  if (entry.ignore > 0) details.push(describeIgnored(entry));
  details.push(...entry.commands.map((line) => `  ${line}`));
  return details.map((detail) => `       ${detail}`);
}

// The thread that posts counts down for a catchpoint, and is not asked how far it has come.
function describeIgnored({ ignore, kind }: Stopper): string {
  return kind === 'breakpoint'
    ? `lets the next ${plural(ignore, 'hit')} pass`
    : `lets ${plural(ignore, 'hit')} pass, from when it was told to`;
}

function help({ commands, transcript }: Context, argument: string): void {
  if (argument === '') {
    transcript.write(...listCommands(commands));
    return;
  }
  const parsed = /^(?:info|set)$/.test(argument) ? undefined : parseLine(argument, commands);
  if (parsed === undefined) {
    transcript.write(
      ...listCommands(commands.filter((command) => command.name.startsWith(`${argument} `))),
    );
    return;
  }
  transcript.write(...describeCommand(parsed.command));
}
