import { ExtensionEventError } from '@extension-events/core';

/** Codes of the script language. They are permanent; compare `error.code`, never the class. */
export const scriptErrorCodes = {
  EE_SCRIPT_SYNTAX: 'The text does not follow the grammar.',
  EE_SCRIPT_NAME: 'No event, and no global, has this name.',
  EE_SCRIPT_FIELD: 'The event type has no such field, or may not be given it.',
  EE_SCRIPT_TYPE: 'A value has a type that does not fit where it stands.',
  EE_SCRIPT_FUNCTION: 'The language has no such function.',
  EE_SCRIPT_FORMAT: 'The format and its arguments do not fit.',
  EE_SCRIPT_REGEX: 'The regular expression is not valid, or may take very long.',
  EE_SCRIPT_LIMIT: 'The text has too much of something, or is nested too deeply.',
  EE_SCRIPT_DUPLICATE: 'A name is declared twice.',
  EE_SCRIPT_CONFLICT: 'An event of this name exists with other fields.',
  EE_SCRIPT_BUDGET: 'The script needed more time or memory than it may have, and was stopped.',
  EE_SCRIPT_STOPPED: 'The script was stopped.',
} as const;

export type ScriptErrorCode = keyof typeof scriptErrorCodes;

/** One thing that is wrong with a script; plain data. */
export interface Problem {
  readonly code: ScriptErrorCode;
  /** As the user gave it. */
  readonly file: string;
  /** From 1, in UTF-16 units; `length` is 0 at the end of the text. */
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly message: string;
  readonly hint: string;
  /** The line and the caret below it. */
  readonly excerpt: string;
}

/** `file:line:column: CODE: message`, the line, a caret, and `hint: …`. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, code, message, excerpt, hint } = problem;
  return `${file}:${line}:${column}: ${code}: ${message}\n${excerpt}\nhint: ${hint}`;
}

/** A script that was refused; `code`, `message` and `hint` are those of its first problem. */
export class ScriptError extends ExtensionEventError {
  readonly problems: readonly [Problem, ...(readonly Problem[])];

  constructor(problems: readonly [Problem, ...(readonly Problem[])]) {
    const [{ code, file, line, column, message, excerpt, hint }] = problems;
    super(code, `${file}:${line}:${column}: ${message}\n${excerpt}`, hint);
    this.problems = problems;
  }

  /** All problems, as tools print them. */
  override toString(): string {
    return this.problems.map(formatProblem).join('\n');
  }
}
