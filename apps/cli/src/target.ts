import { ExtensionEventError } from '@extension-events/core';
import { listProcesses } from '@extension-events/session';
import { usageError } from './output.ts';

/** The words of a command line that name a process, as commander leaves them. */
export interface TargetWords {
  readonly args: readonly string[];
  readonly command: readonly string[] | undefined;
  readonly pid?: number;
  readonly name?: string;
}

/** A running process, or a command to start. */
export type TargetChoice = { readonly pid: number } | { readonly command: readonly string[] };

/**
 * Splits words into the target and the rest: `-p`, `-n` and `--` name it and every word is a
 * pattern then; else a first word of digits is a pid.
 *
 * @throws ExtensionEventError `EE_USAGE`, `EE_NAME_UNKNOWN`
 */
export async function chooseTarget({
  args,
  command,
  name,
  pid,
}: TargetWords): Promise<{ target: TargetChoice | undefined; patterns: readonly string[] }> {
  const given = [pid, name, command].filter((word) => word !== undefined).length;
  if (given > 1)
    throw usageError(
      'More than one target is given.',
      'Use one of PID, -p PID, -n NAME and -- command.',
    );
  if (pid !== undefined) return { target: { pid }, patterns: args };
  if (name !== undefined) return { target: { pid: await findByName(name) }, patterns: args };
  if (command !== undefined) {
    if (command.length === 0)
      throw usageError('There is no command after --.', 'Write for example: -- node app.js');
    return { target: { command }, patterns: args };
  }
  const [first, ...rest] = args;
  if (first !== undefined && /^\d+$/.test(first))
    return { target: { pid: Number(first) }, patterns: rest };
  return { target: undefined, patterns: args };
}

/** @throws ExtensionEventError `EE_USAGE` when there is none */
export async function requireTarget(
  words: TargetWords,
): Promise<{ target: TargetChoice; patterns: readonly string[] }> {
  const { patterns, target } = await chooseTarget(words);
  if (target !== undefined) return { target, patterns };
  throw usageError(
    'A target is missing.',
    'Give a pid, -n NAME, or -- command …; extev ls shows the processes.',
  );
}

async function findByName(name: string): Promise<number> {
  const found = (await listProcesses()).filter((entry) => entry.name === name);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only.pid;
  throw new ExtensionEventError(
    'EE_NAME_UNKNOWN',
    found.length === 0
      ? `No process is called ${name}.`
      : `${found.length} processes are called ${name}: ${found.map((entry) => entry.pid).join(', ')}.`,
    'extev ls shows names and pids.',
  );
}
