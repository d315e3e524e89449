import { ExpressionError } from '../expression/errors.ts';
import type { Span } from '../expression/excerpt.ts';
import { drawExcerpt, locate } from '../expression/excerpt.ts';
import type { Problem, ScriptErrorCode } from './errors.ts';
import { scriptLimits } from './limits.ts';
import type { SourceFile } from './wire.ts';

/** Thrown by {@link ProblemList} to end the work on a program that has too many problems. */
export const enough: unique symbol = Symbol('enough problems');

/** What is wrong with a span of a file. */
export interface Complaint {
  readonly code: ScriptErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly span: Span;
}

/** A part of a script that could not be parsed or checked, on its way to who collects the problems. */
export class Refusal extends Error {
  readonly complaint: Complaint;

  constructor(complaint: Complaint) {
    super(complaint.message);
    this.complaint = complaint;
  }
}

/** Thrown by what follows from a problem that has been told: nothing is added to it. */
export class Silence extends Error {}

/** Refuses a span of the text. */
export function refuse(code: ScriptErrorCode, message: string, hint: string, span: Span): never {
  throw new Refusal({ code, message, hint, span: { start: span.start, end: span.end } });
}

/** What an error of the parser or checker complains about; others are thrown again. */
export function complaintOf(error: unknown): Complaint {
  if (error instanceof Refusal) return error.complaint;
  if (!(error instanceof ExpressionError)) throw error;
  const { code, reason: message, hint, position } = error;
  const { offset: start, length } = position;
  // The codes differ in their prefix alone.
  const own = code.replace('EE_EXPR_', 'EE_SCRIPT_') as ScriptErrorCode;
  return { code: own, message, hint, span: { start, end: start + length } };
}

/** Collects the problems of a program, each once. */
export class ProblemList {
  readonly #problems: Problem[] = [];
  readonly #seen = new Set<string>();

  get count(): number {
    return this.#problems.length;
  }

  /** By file, and in each in the order of the text. */
  get problems(): readonly Problem[] {
    const files = [...new Set(this.#problems.map(({ file }) => file))];
    return this.#problems.toSorted(
      (a, b) =>
        files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
    );
  }

  /** @throws `enough` when there are so many that nobody would read more */
  add({ name, text }: SourceFile, { code, message, hint, span }: Complaint): void {
    const key = `${name}:${span.start}:${code}:${message}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const position = locate(text, span);
    const { line, column, length } = position;
    const excerpt = drawExcerpt(text, position);
    this.#problems.push({ code, file: name, line, column, length, message, hint, excerpt });
    if (this.#problems.length >= scriptLimits.maxProblems) throw enough;
  }

  /** Runs a step; what it throws becomes a problem of the file. */
  attempt<T>(file: SourceFile, step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      if (error === enough) throw error;
      if (!(error instanceof Silence)) this.add(file, complaintOf(error));
      return undefined;
    }
  }
}

/** Runs the work on a program up to its end, or to where there are enough problems. */
export function untilEnough(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error !== enough) throw error;
  }
}
