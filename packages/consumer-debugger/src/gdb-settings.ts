import { isCodedError } from './errors.ts';
import type { GdbProcess } from './gdb-process.ts';

/**
 * Every signal is the program's own business, but for the one that says "an event was caught here".
 * `print` belongs to `stop`: in gdb, `noprint` means `nostop` too.
 */
const signalHandling = [
  'handle all nostop noprint pass',
  'handle SIGINT nostop noprint pass',
  // gdb stops threads by SIGSTOP. One of its own that is on its way when gdb leaves would be passed
  // on, and leave the process standing for good (seen with gdb 13 at the end of its input).
  'handle SIGSTOP nostop noprint nopass',
];
export const stopAtUrgent = 'handle SIGURG stop print nopass';
/** A signal that is on its way when gdb leaves is the program's. */
export const passUrgent = 'handle SIGURG nostop noprint pass';

const settings = [
  ['mi-async', 'on'],
  ['non-stop', 'on'],
  ['pagination', 'off'],
  ['confirm', 'off'],
  ['width', '0'],
  ['debuginfod', 'enabled', 'off'],
  // Files beside the target may hold scripts: none of them is run.
  ['auto-load', 'python-scripts', 'off'],
  ['auto-load', 'gdb-scripts', 'off'],
  ['auto-load', 'guile-scripts', 'off'],
  ['auto-load', 'local-gdbinit', 'off'],
  ['exec-file-mismatch', 'off'],
  ['detach-on-fork', 'on'],
  ['follow-fork-mode', 'parent'],
  ['print', 'entry-values', 'no'],
  ['print', 'elements', '64'],
  ['print', 'symbol', 'on'],
  ['startup-with-shell', 'off'],
] as const;

/** Prepares a gdb that has just been started. */
export async function prepareGdb(gdb: GdbProcess, mayCall: boolean): Promise<void> {
  for (const words of settings) await tolerate(gdb.command('gdb-set', ...words));
  if (!mayCall) await gdb.command('gdb-set', 'may-call-functions', 'off');
  for (const line of signalHandling) await gdb.console(line);
}

/** A setting that this gdb does not know is one that it needs not. */
export async function tolerate(command: Promise<unknown>): Promise<void> {
  try {
    await command;
  } catch (error) {
    if (!isCodedError(error) || error.code !== 'EE_GDB_COMMAND') throw error;
  }
}
