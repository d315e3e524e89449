import type { Command } from './context.ts';
import type { Debuggee } from './debuggee.ts';
import { readLocals } from './show-stop.ts';

/** What readline wants: the candidates, and the end of the line that they replace. */
export type Completion = [candidates: string[], replaced: string];

/**
 * Completes a line from what is there now: commands, the registry's event names and their
 * parameters and fields, numbers of catchpoints and threads, files, variables of the frame.
 */
export async function complete(
  line: string,
  commands: readonly Command[],
  debuggee: Debuggee,
): Promise<Completion> {
  const text = line.trimStart();
  const command = findCommand(text, commands);
  if (command === undefined) return match(commandWords(text, commands), lastWord(text));
  const argument = text.slice(
    text.indexOf(' ', command.name.includes(' ') ? text.indexOf(' ') + 1 : 0) + 1,
  );
  const word = lastWord(argument);
  try {
    const candidates = await candidatesFor(command, argument, word, debuggee);
    return match(candidates, word, command.completes === 'expression' ? '' : ' ');
  } catch {
    // A busy thread must not make the Tab key fail.
    return [[], word];
  }
}

/** The command that is written out in front, with a blank after it. */
function findCommand(text: string, commands: readonly Command[]): Command | undefined {
  return commands
    .filter((command) =>
      [command.name, ...(command.name.includes(' ') ? [] : (command.aliases ?? []))].some((name) =>
        text.startsWith(`${name} `),
      ),
    )
    .toSorted((a, b) => b.name.length - a.name.length)[0];
}

/** First words, or the second words of a group such as `info`. */
function commandWords(text: string, commands: readonly Command[]): string[] {
  const [first, second] = text.split(/\s+/, 2);
  const words =
    second === undefined
      ? commands.map((command) => command.name.split(' ')[0] ?? '')
      : commands
          .filter((command) => command.name.startsWith(`${first} `))
          .map((command) => command.name.split(' ')[1] ?? '');
  return [...new Set(words)];
}

async function candidatesFor(
  command: Command,
  argument: string,
  word: string,
  debuggee: Debuggee,
): Promise<readonly string[]> {
  switch (command.completes ?? 'nothing') {
    case 'event':
      return eventWords(argument, word, debuggee);
    case 'number':
      return debuggee.catchpoints.all.map((entry) => String(entry.number));
    case 'thread':
      return debuggee.threads.map((thread) => String(debuggee.numberOf(thread.key)));
    case 'command':
      return [...new Set((await import('./commands.ts')).commands.map(({ name }) => name))];
    case 'place': {
      const functions = await debuggee.engine.functionNames?.(word);
      const files = await debuggee.engine.fileNames();
      return [...files.map((name) => `${name}:`), ...(functions ?? [])];
    }
    case 'expression': {
      const locals = await readLocals(debuggee, await debuggee.frame());
      return locals.map((local) => local.name);
    }
    case 'file':
    case 'nothing':
    default:
      return [];
  }
}

/** Names first; after a name its parameters; after `if` its fields. */
function eventWords(argument: string, word: string, debuggee: Debuggee): string[] {
  const types = debuggee.connection.eventTypes.map((type) => type.descriptor);
  const [name = ''] = argument.split(/\s+/);
  if (!/\s/.test(argument)) {
    const names = types.map((type) => type.name);
    const groups = names.flatMap((each) => (each.includes('.') ? [`${each.split('.')[0]}.*`] : []));
    return [...names, ...groups.filter((group) => word !== '' && group.startsWith(word))];
  }
  const type = types.find((each) => each.name === name);
  if (/\sif\s/.test(argument)) return Object.keys(type?.fields ?? {});
  return [...Object.keys(type?.request ?? {}).map((parameter) => `${parameter}=`), 'if '];
}

function lastWord(text: string): string {
  return /[^\s(]*$/.exec(text)?.[0] ?? '';
}

function match(candidates: readonly string[], word: string, end = ' '): Completion {
  const matching = [...new Set(candidates)].filter((candidate) => candidate.startsWith(word));
  const [only = ''] = matching;
  // The only candidate is written out with what follows it, so that one can type on.
  if (matching.length === 1 && !/[=: ]$/.test(only)) return [[only + end], word];
  return [matching.toSorted(), word];
}
