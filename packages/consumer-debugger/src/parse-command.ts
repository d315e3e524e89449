import { debuggerError } from './errors.ts';
import { suggest } from './near-misses.ts';

/** What the parser must know of a command: `info events` is a command with a group word. */
export interface CommandName {
  readonly name: string;
  /** Exact short forms, such as gdb's one-letter ones; the longer ones may be abbreviated too. */
  readonly aliases?: readonly string[];
}

export interface ParsedLine<C extends CommandName> {
  readonly command: C;
  /** The rest of the line, trimmed; each command reads it in its own way. */
  readonly argument: string;
}

/** Group words and their short forms. */
const groups: Readonly<Record<string, string>> = {
  info: 'info',
  i: 'info',
  inf: 'info',
  set: 'set',
};

/**
 * Reads a line as a command of `commands`, with gdb's rules of abbreviation: an exact name or alias
 * wins, else a beginning that only one command has. `undefined` for blank lines and comments (`#`).
 *
 * @throws ExtensionEventError `EE_COMMAND_UNKNOWN`, `EE_COMMAND_AMBIGUOUS`
 */
export function parseLine<C extends CommandName>(
  line: string,
  commands: readonly C[],
): ParsedLine<C> | undefined {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return undefined;
  const [word, rest] = splitWord(text);
  const group = findGroup(word, commands);
  if (group === undefined) {
    const singles = commands.filter((command) => !command.name.includes(' '));
    return { command: pick(word, '', singles), argument: rest };
  }
  const inGroup = commands.filter((command) => command.name.startsWith(`${group} `));
  const [second, argument] = splitWord(rest);
  if (second === '') {
    throw debuggerError(
      'EE_COMMAND_ARGUMENT',
      `${group} needs to know what.`,
      `Write one of: ${inGroup.map((command) => command.name).join(', ')}.`,
    );
  }
  return { command: pick(second, `${group} `, inGroup), argument };
}

/** `info` and its like, unless a command has exactly that name. */
function findGroup(word: string, commands: readonly CommandName[]): string | undefined {
  const group = Object.hasOwn(groups, word) ? groups[word] : undefined;
  return group !== undefined && commands.some((command) => command.name.startsWith(`${group} `))
    ? group
    : undefined;
}

/** The leading word of letters, and what follows it: `p(1)` is `p` and `(1)`. */
export function splitWord(text: string): [word: string, rest: string] {
  const word = /^[A-Za-z][\w-]*/.exec(text)?.[0] ?? /^\S*/.exec(text)?.[0] ?? '';
  return [word, text.slice(word.length).trim()];
}

function pick<C extends CommandName>(word: string, prefix: string, commands: readonly C[]): C {
  const spellings = (command: C): string[] => [
    command.name.slice(prefix.length),
    ...(command.aliases ?? []),
  ];
  const exact = commands.find((command) => spellings(command).includes(word));
  if (exact !== undefined) return exact;
  const matching = commands.filter((command) =>
    spellings(command).some((spelling) => spelling.length > 2 && spelling.startsWith(word)),
  );
  const [only, ...others] = matching;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined && word !== '') {
    throw debuggerError(
      'EE_COMMAND_AMBIGUOUS',
      `${prefix}${word} could be ${matching.map((command) => command.name).join(', ')}.`,
      'Write a few more letters.',
    );
  }
  throw debuggerError(
    'EE_COMMAND_UNKNOWN',
    `There is no command ${JSON.stringify(prefix + word)}.`,
    suggest(word, commands.flatMap(spellings), 'help lists the commands.'),
  );
}
