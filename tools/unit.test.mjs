import { expect, it } from 'vitest';
import { filesThatDied, mergeNotes, mergeResults } from './unit.mjs';

const file = (name, status, ...statuses) => ({
  name,
  status,
  assertionResults: statuses.map((each) => ({ status: each })),
});
const first = {
  success: false,
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 0,
  testResults: [
    file('/a', 'passed', 'passed', 'skipped'),
    file('/b', 'failed', 'passed', 'passed'),
  ],
};

it('finds the files of which the process died, when nothing else went wrong', () => {
  const died = 'Worker exited unexpectedly with signal SIGTRAP during started state while running test file /b'; // prettier-ignore
  const find = (unhandled, results = first) => filesThatDied(results, { unhandled });
  expect(find([died])).toEqual(['/b']);
  expect(find([])).toEqual([]);
  expect(find([died, 'a promise was rejected'])).toEqual([]);
  expect(find([died], { ...first, numFailedTests: 1 })).toEqual([]);
  const other = file('/c', 'failed');
  expect(find([died], { ...first, testResults: [...first.testResults, other] })).toEqual([]);
});

it('counts what was run again instead of what was cut short', () => {
  const second = { testResults: [file('/b', 'passed', 'passed', 'passed', 'passed', 'skipped')] };
  expect(mergeResults(first, second)).toMatchObject({
    numPassedTests: 4,
    numFailedTests: 0,
    numPendingTests: 2,
    testResults: [{ name: '/a' }, { name: '/b', status: 'passed' }],
  });
  const failed = { testResults: [file('/b', 'failed', 'passed', 'failed')] };
  expect(mergeResults(first, failed)).toMatchObject({ numPassedTests: 2, numFailedTests: 1 });
});

it('names in the notes what was run again, and a skipped test once', () => {
  const skipped = { name: 'x', reason: 'needs gdb' };
  const of = { skipped: [skipped], retried: [], unhandled: [] };
  const notes = mergeNotes(of, of, ['b']);
  expect(notes).toEqual({
    skipped: [skipped],
    retried: [{ name: 'b', reason: 'the process of its tests died' }],
    unhandled: [],
  });
});
