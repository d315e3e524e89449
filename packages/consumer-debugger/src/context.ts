import type { CommandName } from './parse-command.ts';
import type { Debuggee } from './debuggee.ts';
import type { Stop } from './stop-board.ts';
import type { Transcript } from './transcript.ts';

/** How stops of other threads end a wait: any stop does, or only one of this thread. */
export interface WaitOptions {
  readonly thread?: number;
  /** What is waited for, for the message when it does not come. */
  readonly what: string;
  /** Prints the stop; the default is in full. */
  readonly show?: (stop: Stop) => Promise<void>;
}

/** What a command works with. */
export interface Context {
  readonly debuggee: Debuggee;
  readonly transcript: Transcript;
  readonly commands: readonly Command[];
  /** The program may be changed by expressions. */
  readonly mayWrite: boolean;
  /** Where the traced program can require koffi from. */
  readonly koffiPath: string | undefined;
  /** The program is to run: one that was started for this debugger may begin. */
  readonly onContinue: () => Promise<void>;
  /**
   * Waits for the next stop and shows it. Inside a catchpoint's own commands it returns at once:
   * the wait around them goes on. Resolves with the stop, or `undefined` when there was none.
   *
   * @throws ExtensionEventError `EE_WAIT_TIMEOUT`
   */
  wait(options: WaitOptions): Promise<Stop | undefined>;
  /** The command belongs to a catchpoint and runs by itself. */
  readonly isInCommands: boolean;
  /** Reads the next lines, up to `end`, as the commands of an entry. */
  collect(done: (lines: readonly string[]) => void): void;
  runFile(path: string): Promise<void>;
  /** Ends the debugger after this command. */
  leave(exitCode: number): void;
}

export type Section = 'stops' | 'running' | 'looking' | 'threads' | 'session';

/** One command of the debugger; the table of them is also its help and its reference. */
export interface Command extends CommandName {
  readonly section: Section;
  /** The form, as in `catch PATTERN [name=value …] [if EXPR]`. */
  readonly usage: string;
  /** One line, without a full stop. */
  readonly summary: string;
  readonly details?: string;
  readonly examples?: readonly string[];
  /** An empty line at the prompt does it again. */
  readonly repeats?: boolean;
  /** Works when the process has ended, too. */
  readonly needsNoTarget?: boolean;
  /** What completes the argument. */
  readonly completes?: 'event' | 'number' | 'thread' | 'expression' | 'file' | 'command' | 'place';
  run(context: Context, argument: string): Promise<void> | void;
}
