import { CommanderError } from 'commander';
import { exitCode } from './exit-codes.ts';
import { isCoded, sayError } from './output.ts';
import { createProgram } from './program.ts';

/** Runs one command line and resolves with the exit code. */
export async function runCli(args: readonly string[]): Promise<number> {
  // What follows `--` is the command to start, never ours to parse.
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  const command = end < 0 ? undefined : args.slice(end + 1);
  let result: number = exitCode.ok;
  const program = createProgram(command, (code) => {
    result = code;
  });
  // A reader that went away (`extev listen … | head`) ends us quietly.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCode.ok);
  });
  try {
    await program.parseAsync(own, { from: 'user' });
    return result;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
    sayError(error);
    return isCoded(error) && error.code === 'EE_USAGE' ? exitCode.usage : exitCode.failed;
  }
}
