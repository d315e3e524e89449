import { expect, it } from 'vitest';
import { filesWithoutResult, mergeNotes, mergeResults } from './unit.mjs';

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

it('finds the files of which the process died, unless a test failed', () => {
  expect(filesWithoutResult(first)).toEqual(['/b']);
  expect(filesWithoutResult({ ...first, numFailedTests: 1 })).toEqual([]);
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
  const notes = mergeNotes({ skipped: [skipped], retried: [] }, { skipped: [skipped], retried: [] }, ['b']); // prettier-ignore
  expect(notes).toEqual({
    skipped: [skipped],
    retried: [{ name: 'b', reason: 'the process of its tests died' }],
  });
});
