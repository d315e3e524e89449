import { addLibrary } from './library/index.ts';
import { checkProgram } from './program/check.ts';
import type { CheckOptions } from './program/check.ts';
import { formatProblem } from './program/errors.ts';
import { parseProgram } from './program/parser.ts';
import type { Catalogue } from './program/points.ts';
import type { SourceFile } from './program/wire.ts';

/**
 * Every problem of a script and of the library files that it uses, as lines of text; none when it can
 * run. What only a check could find is told once the grammar is right.
 */
export function explainScript(
  files: readonly SourceFile[],
  catalogue: Catalogue,
  options: CheckOptions = {},
): readonly string[] {
  const { program, problems } = parseProgram(addLibrary(files));
  const all = problems.length > 0 ? problems : checkProgram(program, catalogue, options).problems;
  return all.flatMap((problem) => formatProblem(problem).split('\n'));
}
