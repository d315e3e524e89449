import { CommanderError } from 'commander';
import { splitCommandLine } from './arguments.ts';
import { exitCode } from './exit-codes.ts';
import { flushLines, isCoded, sayError, usageError, watchReaders } from './output.ts';
import { createProgram } from './program.ts';

/** Runs one command line and resolves with the exit code. */
export async function runCli(args: readonly string[]): Promise<number> {
  const { command, own } = splitCommandLine(args);
  let result: number = exitCode.ok;
  const program = createProgram(command, (code) => {
    result = code;
  });
  watchReaders();
  try {
    await program.parseAsync(own, { from: 'user' });
    return result;
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      sayError(error);
      return isUsage(error) ? exitCode.usage : exitCode.failed;
    }
    if (error.exitCode === 0) return exitCode.ok; // --help, --version
    // Without any command the help text has been shown on stderr.
    if (error.code !== 'commander.help') sayError(translate(error, own));
    return exitCode.usage;
  } finally {
    flushLines();
  }
}

function isUsage(error: unknown): boolean {
  return isCoded(error) && (error.code === 'EE_USAGE' || error.code === 'EE_PATTERN');
}

// `error: unknown option '--jsno'\n(Did you mean --json?)`
function translate({ message }: CommanderError, own: readonly string[]): Error {
  const [what = '', suggestion] = message.replace(/^error: /, '').split('\n');
  const help = ['extev', ...own.filter((word) => /^[a-z]+$/.test(word)).slice(0, 1), '--help'];
  const sentence = `${what.charAt(0).toUpperCase()}${what.slice(1)}${what.endsWith('.') ? '' : '.'}`;
  return usageError(
    sentence,
    suggestion === undefined ? `See ${help.join(' ')}.` : suggestion.replaceAll(/^\(|\)$/g, ''),
  );
}
