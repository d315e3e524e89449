import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expressionErrorCodes } from '../expression/errors.ts';
import { formatProblem, ScriptError, scriptErrorCodes } from './errors.ts';
import { parseProgram } from './parser.ts';

const [first, second] = parseProgram([
  { name: 'dir/lucky.ev', text: 'probe net.send {\n\tx = ;\n  y = \u001b;\n}' },
]).problems;

describe('problems', () => {
  it('are printed with file, line, column, code, the line, a caret and a hint', () => {
    expect(first && formatProblem(first)).toBe(
      [
        'dir/lucky.ev:2:6: EE_SCRIPT_SYNTAX: Expected a value, found ;.',
        '   x = ;',
        '       ^',
        'hint: a value is a name, a number, a "string", true, false or a call.',
      ].join('\n'),
    );
  });

  it('never move the cursor of a terminal', () => {
    expect(second && formatProblem(second)).not.toContain('\u001b');
  });

  it('make one error, with the code of the first', () => {
    if (first === undefined || second === undefined) throw new Error('no problems');
    const error = new ScriptError([first, second]);
    expect(error).toMatchObject({ code: 'EE_SCRIPT_SYNTAX', problems: [first, second] });
    expect(String(error)).toBe(`${formatProblem(first)}\n${formatProblem(second)}`);
  });
});

it('has a code for each code of expressions', () => {
  const own = Object.keys(scriptErrorCodes);
  for (const code of Object.keys(expressionErrorCodes)) {
    expect(own).toContain(code.replace('EXPR', 'SCRIPT'));
  }
});

it('lists every code in the README with its meaning', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `(EE_SCRIPT_\w+)` +\| ([^|]+?) +\|/gm)];
  expect(Object.fromEntries(rows.map(([, code, meaning]) => [code, meaning]))).toEqual(
    scriptErrorCodes,
  );
});
