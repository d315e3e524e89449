import { expect, it } from 'vitest';
import { parseProgram } from './parser.ts';
import { unreadGlobals } from './unread.ts';

function unread(text: string): string[] {
  const { problems, program } = parseProgram([{ name: 'test.ev', text }]);
  expect(problems).toEqual([]);
  return unreadGlobals(program).map(({ isMap, isStatistic, name }) => `${name}${isMap ? '[]' : ''}${isStatistic ? ' <<<' : ''}`); // prettier-ignore
}

it.each([
  ['global n probe a { n++ }', ['n']],
  ['global m probe a { m[len]++ }', ['m[]']],
  ['global m, n probe a { m[n] <<< len; n = 1 }', ['m[] <<<']],
  ['global s probe a { s <<< len; delete s }', ['s <<<']],
])('tells what nothing reads: %s', (text, expected) => {
  expect(unread(text)).toEqual(expected);
});

it.each([
  'global n probe a { n++ } probe end { print(n) }',
  'global n probe a { n++; if (n == 3) exit() }',
  'global n probe a if (n < 3) { n++ }',
  'global m probe a { m[len]++ } probe end { foreach (k in m) print(k) }',
  'global m probe a { m[len] <<< len } probe end { print(@count(m[13])) }',
  'global m probe a { m[len] = 1 } probe b { if (len in m) print(1) }',
  'global m probe a { m[len] = 1 } probe b { print(count(m)) }',
  'event e { n: u32 } global n probe a { n++; throw event e { n = n } }',
  'global n probe a { print(n) }',
])('says nothing of what is read: %s', (text) => {
  expect(unread(text)).toEqual([]);
});
