import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProgram } from '../format/format.ts';
import { checkProgram } from './check.ts';
import type { Problem } from './errors.ts';
import { formatProblem, ScriptError } from './errors.ts';
import { parsePieces, parseProgram } from './parser.ts';
import { testCatalogue } from './testing/events.ts';
import { garbledPrograms, validPrograms } from './testing/programs.ts';
import { withoutSpans } from './testing/spans.ts';

function problemsOf(text: string): readonly Problem[] {
  const { program, problems } = parseProgram([{ name: 'a.ev', text }]);
  const more = checkProgram(program, testCatalogue).problems;
  return problems.length > 0 ? problems : more;
}

/** Every problem points into the text, and shows the very line. */
function expectHonest(problems: readonly Problem[], text: string): void {
  const lines = text.split(/\r\n|[\n\r\u2028\u2029]/);
  for (const problem of problems) {
    const line = lines[problem.line - 1];
    expect(line).toBeDefined();
    expect(problem.column).toBeGreaterThanOrEqual(1);
    expect(problem.column - 1).toBeLessThanOrEqual(line?.length ?? 0);
    expect(problem.message).toMatch(/\.$/);
    expect(problem.hint).not.toBe('');
  }
}

const mutations = fc.record({ at: fc.nat(), length: fc.nat(6), insert: fc.constantFrom('', ' ', ';', '}', '{', ')', '"', 'x', '=', '/*', '13') }); // prettier-ignore

describe('random valid programs', () => {
  it('check clean', () => {
    fc.assert(
      fc.property(validPrograms, (text) => {
        expect(problemsOf(text).map(formatProblem)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('stay the same programs when they are formatted, and formatting twice changes nothing', () => {
    fc.assert(
      fc.property(validPrograms, (text) => {
        const formatted = formatProgram(text);
        expect(treeOf(formatted)).toEqual(treeOf(text));
        expect(formatProgram(formatted)).toBe(formatted);
      }),
      { numRuns: 30 },
    );
  });

  const separators = fc.constantFrom(' ', ' ', ' ', '\n', '\n\n\n', '  # one\n', ' // two\n', ' /* three */ ', ' /* four\n four */ ', '\n/* five */\n', '\r\n\t'); // prettier-ignore
  it('keep their comments, however they are laid out', () => {
    fc.assert(
      fc.property(validPrograms, fc.infiniteStream(separators), (text, stream) => {
        const { pieces } = parsePieces({ name: 'a.ev', text });
        const messy = pieces
          .map(({ start, end }) => text.slice(start, end) + (stream.next().value ?? ' '))
          .join('');
        const formatted = formatProgram(messy);
        expect(treeOf(formatted)).toEqual(treeOf(text));
        expect(commentsOf(formatted)).toEqual(commentsOf(messy));
        expect(formatProgram(formatted)).toBe(formatted);
      }),
      { numRuns: 30 },
    );
  });
});

describe('texts that are no programs', () => {
  it('give problems with a place, a message and a hint, and never throw', () => {
    fc.assert(
      fc.property(garbledPrograms, (text) => {
        expectHonest(problemsOf(text), text);
        try {
          formatProgram(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ScriptError);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('give problems when a valid program was damaged', () => {
    fc.assert(
      fc.property(
        validPrograms,
        fc.array(mutations, { minLength: 1, maxLength: 3 }),
        (text, all) => {
          let damaged = text;
          for (const { at, length, insert } of all) {
            const start = at % (damaged.length + 1);
            damaged = damaged.slice(0, start) + insert + damaged.slice(start + length);
          }
          expectHonest(problemsOf(damaged), damaged);
        },
      ),
      { numRuns: 60 },
    );
  });
});

function treeOf(text: string): unknown {
  const { program, problems } = parseProgram([{ name: 'a.ev', text }]);
  expect(problems.map(formatProblem)).toEqual([]);
  return withoutSpans({ ...program, files: [] });
}

function commentsOf(text: string): readonly string[] {
  return (
    text.match(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\r\n]*|\/\/[^\r\n]*|\/\*[^]*?\*\//g) ??
    []
  ) // prettier-ignore
    .filter((each) => !/^["']/.test(each))
    .map((each) => each.trim());
}
