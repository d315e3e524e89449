import { ExtensionEventError } from '@extension-events/core';

/** Codes of the debugger's own refusals; those of the agent and of `session` are shown as they come. */
export const debuggerErrorCodes = {
  EE_COMMAND_UNKNOWN: 'There is no such command.',
  EE_COMMAND_AMBIGUOUS: 'The abbreviation stands for several commands.',
  EE_COMMAND_ARGUMENT: 'A command got an argument that it cannot use, or misses one.',
  EE_COMMAND_FILE: 'A file of commands cannot be read, or calls itself.',
  EE_THREAD_NUMBER: 'There is no such thread.',
  EE_THREAD_RUNNING: 'The command needs a stopped thread.',
  EE_THREAD_SILENT: 'The thread did not answer in time.',
  EE_FRAME_UNKNOWN: 'There is no such frame.',
  EE_CATCHPOINT_UNKNOWN: 'There is no catchpoint or breakpoint with that number.',
  EE_LOCATION_UNKNOWN: 'No loaded source has that place.',
  EE_SOURCE_UNKNOWN: 'The source text cannot be had.',
  EE_REGISTERS_NONE: 'The thread has no registers to show.',
  EE_SIDE_EFFECT: 'The expression would change the program.',
  EE_EXPRESSION_FAILED: 'The expression threw.',
  EE_WAIT_TIMEOUT: 'Nothing stopped in time.',
  EE_TARGET_LOST: 'The connection or the process has ended.',
  EE_GDB_MISSING: 'gdb is not installed, or cannot be started.',
  EE_GDB_VERSION: 'gdb is too old.',
  EE_GDB_BUSY: 'Another tracer has the process already.',
  EE_GDB_PERMISSION: 'The kernel does not let gdb trace the process.',
  EE_GDB_COMMAND: 'gdb refused a command, for the reason that it gives.',
  EE_GDB_TIMEOUT: 'gdb did not answer in time.',
  EE_GDB_ENDED: 'gdb ended while it was needed.',
  EE_WATCH_MEMORY: 'The expression names no memory that can be watched.',
} as const;

export type DebuggerErrorCode = keyof typeof debuggerErrorCodes;

/** One of the debugger's own errors. */
export function debuggerError(
  code: DebuggerErrorCode,
  message: string,
  hint: string,
): ExtensionEventError {
  return new ExtensionEventError(code, message, hint);
}

/** An error that carries a code and a hint, from whichever copy of core it comes. */
export interface CodedError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Recognizes coded errors by their shape, since `instanceof` fails across two copies of core. */
export function isCodedError(error: unknown): error is CodedError {
  if (typeof error !== 'object' || error === null) return false;
  const { code, message, hint } = error as Record<string, unknown>;
  return typeof code === 'string' && typeof message === 'string' && typeof hint === 'string';
}

/** What is printed of an error: `CODE: message`, then `hint: …`. */
export function describeError(error: unknown): string {
  if (isCodedError(error)) {
    const hint = error.hint === '' ? '' : `\nhint: ${error.hint}`;
    return `${error.code}: ${error.message}${hint}`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** The same in one line: of a message in several lines the first, without the text that it quotes. */
export function describeBriefly(error: unknown): string {
  if (!isCodedError(error)) return describeError(error);
  const { code, hint, message } = error;
  return `${code}: ${message.split('\n', 1)[0] ?? ''}${hint === '' ? '' : `; hint: ${hint}`}`;
}
