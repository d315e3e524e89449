// Runs vitest, and once more those files of which the process died under the tests: V8 may die of a
// fault of its own, and a file that does so again fails. The report of npm test names them.
//
//   node tools/unit.mjs [ARGS of vitest]
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './run-process.mjs';

const files = ['vitest.json', 'notes.json'].map((name) => join(root, '.cache', name));

/** The files of which the process died; none when anything else went wrong too. */
export function filesThatDied({ numFailedTests, testResults }, { unhandled }) {
  const died = unhandled.map((message) => /exited unexpectedly .* test file (.+)$/.exec(message)?.[1]); // prettier-ignore
  const failed = testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
  const isAll = numFailedTests === 0 && failed.every((name) => died.includes(name));
  return isAll && !died.includes(undefined) ? died : [];
}

/** The results of a run, with those files in it that were run again. */
export function mergeResults(first, second) {
  const again = new Set(second.testResults.map(({ name }) => name));
  const rest = first.testResults.filter(({ name }) => !again.has(name));
  const testResults = [...rest, ...second.testResults];
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const count = (...wanted) => tests.filter(({ status }) => wanted.includes(status)).length;
  return {
    ...first,
    testResults,
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('skipped', 'pending'),
    numTodoTests: count('todo'),
  };
}

/** The notes of a run, with those of the files that were run again, and with their names. */
export function mergeNotes(first, second, again) {
  const skipped = new Map([...first.skipped, ...second.skipped].map((test) => [test.name, test]));
  const died = again.map((name) => ({ name, reason: 'the process of its tests died' }));
  return {
    skipped: [...skipped.values()],
    retried: [...first.retried, ...second.retried, ...died],
    unhandled: second.unhandled,
  };
}

function runTests(args) {
  return spawnSync('vitest', ['run', ...args], { cwd: root, stdio: 'inherit' }).status ?? 1;
}

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

function main(args) {
  for (const file of files) rmSync(file, { force: true });
  const status = runTests(args);
  if (status === 0) return 0;
  let first;
  try {
    first = files.map(read);
  } catch {
    return status; // it did not come to any result
  }
  const again = filesThatDied(...first);
  if (again.length === 0) return status;
  console.log(`Once more: ${again.join(' ')}`);
  const second = runTests(again);
  const [results, notes] = files.map(read);
  writeFileSync(files[0], JSON.stringify(mergeResults(first[0], results)));
  const names = again.map((name) => relative(root, name));
  writeFileSync(files[1], JSON.stringify(mergeNotes(first[1], notes, names)));
  return second;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = main(process.argv.slice(2));
