import { ExtensionEventError } from '@extension-events/core';
import { listProcesses, type ProcessEntry } from '@extension-events/session';
import { usageError } from './output.ts';
import { requireLinux } from './platform.ts';

/** The words of a command line that name a process, as commander leaves them. */
export interface TargetWords {
  readonly args: readonly string[];
  readonly command: readonly string[] | undefined;
  readonly pid?: number;
  readonly name?: string;
}

/** A running process, or a command to start. */
export type TargetChoice = { readonly pid: number } | { readonly command: readonly string[] };

/** What the words say, before a name is looked up. */
export interface ReadTarget {
  readonly target: TargetChoice | { readonly name: string } | undefined;
  readonly patterns: readonly string[];
}

/**
 * Splits words into the target and the rest: `-p`, `-n` and `--` name it and every word is a
 * pattern then; else a first word of digits is a pid.
 *
 * @throws ExtensionEventError `EE_USAGE`
 */
export function readTarget({ args, command, name, pid }: TargetWords): ReadTarget {
  const given = [pid, name, command].filter((word) => word !== undefined).length;
  const [first = '', ...rest] = args;
  const isPid = /^\d+$/.test(first);
  // With -p and -n digits are a pattern, as every word is; before -- they are a slip.
  if (given > 1 || (command !== undefined && isPid))
    throw usageError(
      'More than one target is given.',
      'Use one of PID, -p PID, -n NAME and -- command.',
    );
  if (pid !== undefined) return { target: { pid }, patterns: args };
  if (name !== undefined) return { target: { name }, patterns: args };
  if (command !== undefined) {
    if (command.length === 0 || command[0] === '')
      throw usageError('There is no command after --.', 'Write for example: -- node app.js');
    return { target: { command }, patterns: args };
  }
  if (isPid) return { target: { pid: Number(first) }, patterns: rest };
  return { target: undefined, patterns: args };
}

/**
 * Reads the target and looks its name up.
 *
 * @throws ExtensionEventError `EE_USAGE`, `EE_NAME_UNKNOWN`, `EE_PLATFORM`
 */
export async function chooseTarget(
  words: TargetWords,
): Promise<{ target: TargetChoice | undefined; patterns: readonly string[] }> {
  const { patterns, target } = readTarget(words);
  if (target !== undefined) requireLinux();
  if (target === undefined || !('name' in target)) return { target, patterns };
  const processes = await listProcesses({ all: true });
  return { target: { pid: pickByName(target.name, processes) }, patterns };
}

/** @throws ExtensionEventError `EE_USAGE` when there is no target, `EE_NAME_UNKNOWN` */
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

/**
 * A running process of any kind, as it looks from outside.
 *
 * @throws ExtensionEventError `EE_NO_PROCESS`
 */
export async function findEntry(pid: number): Promise<ProcessEntry> {
  const entry = (await listProcesses({ all: true })).find((one) => one.pid === pid);
  if (entry !== undefined) return entry;
  throw new ExtensionEventError('EE_NO_PROCESS', `There is no process ${pid} of this user.`, 'extev ls --all shows them; a kernel thread or a process that has ended cannot be looked at.'); // prettier-ignore
}

/** Does an agent fit in there? */
export function runsNode({ runtime }: Pick<ProcessEntry, 'runtime'>): boolean {
  return /^node\b/.test(runtime);
}

/** @throws ExtensionEventError `EE_NAME_UNKNOWN` */
export function pickByName(
  name: string,
  processes: readonly { readonly pid: number; readonly name: string }[],
): number {
  const others = processes.filter((entry) => entry.pid !== process.pid);
  const found = others.filter((entry) => entry.name === name);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only.pid;
  const near = others
    .filter((entry) => entry.name.includes(name))
    .map((entry) => `${entry.name} (${entry.pid})`);
  throw new ExtensionEventError(
    'EE_NAME_UNKNOWN',
    found.length === 0
      ? `No process is called ${name}.`
      : `${found.length} processes are called ${name}: ${found.map((entry) => entry.pid).join(', ')}.`,
    found.length > 1
      ? 'Give one of these pids.'
      : near.length > 0
        ? `Did you mean ${near.join(', ')}?`
        : 'extev ls shows names and pids.',
  );
}
