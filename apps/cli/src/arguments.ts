/** A command line, taken apart before the options are parsed. */
export interface CommandLine {
  /** For the parser. */
  readonly own: readonly string[];
  /** The program to start: what follows `--`, never ours to parse. */
  readonly command: readonly string[] | undefined;
}

/** Frames that a bare `--stack` stands for. */
export const defaultStackFrames = 16;

/**
 * Separates `-- command …`, and gives a bare `--stack` its number: its value needs the `=`, so that
 * `--stack hot-spot` does not take the pattern for a number.
 */
export function splitCommandLine(args: readonly string[]): CommandLine {
  const end = args.indexOf('--');
  const own = (end < 0 ? args : args.slice(0, end)).map((word) =>
    word === '--stack' ? `--stack=${defaultStackFrames}` : word,
  );
  return { own, command: end < 0 ? undefined : args.slice(end + 1) };
}
