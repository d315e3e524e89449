// Closes `npm test`: the skipped tests by reason, what makes a green run worthless (a published
// package without a test, a skip that this machine has no excuse for), and last, where whoever reads
// only the end of a log finds them, the failed tests and the counts. Reads .cache/vitest.json and .cache/notes.json. Syntax of Node 18.
import { readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './run-process.mjs';

/**
 * Prints the report.
 *
 * @param status - exit status of the run so far
 * @returns the exit status of the whole
 */
export function writeReport(status, { startedAt, packages }) {
  const results = readFresh('vitest.json', startedAt);
  if (results === undefined) {
    console.log('The tests did not run.');
    return status || 1;
  }
  const { skipped, retried } = readFresh('notes.json', startedAt) ?? { skipped: [], retried: [] };
  const required = JSON.parse(readFileSync(join(root, 'tools/required-features.json'), 'utf8'));
  const { lines, isGood } = summarize({
    results,
    skipped,
    retried,
    packages,
    required,
    machine: lookAround(),
  });
  console.log(lines.join('\n'));
  return isGood ? status : status || 1;
}

/** Pure part of {@link writeReport}: the lines to print, and whether the run may count as good. */
export function summarize({ results, skipped, retried, packages, required, machine }) {
  const lines = [];
  const problems = [];
  for (const [reason, names] of byReason(skipped)) {
    lines.push(`skipped: ${reason || 'no reason is given'}`, ...names.map((name) => `  ${name}`));
  }
  for (const { name, reason } of retried) {
    lines.push(`passed only when it was tried again: ${name}`, `  ${firstLine(reason)}`);
  }
  for (const { feature, arch, why, unless } of required) {
    const isOwed = machine.platform === 'linux' && machine.isRoot && arch.includes(machine.arch);
    // What was found missing by trying, such as debug registers that a hypervisor keeps silent.
    const isExcused = ({ reason }) => unless !== undefined && reason.includes(unless);
    const missed = skipped.filter(
      (test) => `${test.name} ${test.reason}`.includes(`needs ${feature}`) && !isExcused(test),
    );
    for (const { name } of isOwed ? missed : []) {
      problems.push(`${name} was skipped, but root on Linux must have ${feature}: ${why}`);
    }
  }
  for (const { path } of packages) {
    const hasRun = results.testResults.some(
      (file) =>
        file.name.includes(`/${path}/`) &&
        file.assertionResults.some((test) => test.status === 'passed'),
    );
    if (!hasRun) problems.push(`${path} is published, but no test of its own has passed`);
  }
  // A file that cannot be loaded has no tests to count, and is a failure all the same.
  const broken = results.testResults.filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  for (const file of broken) problems.push(`${file.name} could not be run`);
  const failed = results.numFailedTests + broken.length;
  const notRun = results.numPendingTests + results.numTodoTests;
  for (const problem of problems) lines.push(`problem: ${problem}`);
  lines.push(...failures(results.testResults));
  lines.push(`${results.numPassedTests} passed, ${failed} failed, ${notRun} skipped`);
  return { lines, isGood: problems.length === 0 && failed === 0 };
}

/** Names of skipped tests, each under the first line of its reason: many share one. */
function byReason(skipped) {
  const groups = new Map();
  for (const { name, reason } of skipped) {
    // An error that tells an address is the same reason at another address.
    const key = reason.split('\n')[0].replaceAll(/0x[0-9a-f]+/gu, '0x…');
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return groups;
}

function failures(files) {
  return files.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .flatMap(({ fullName, failureMessages }) => [
        `failed: ${fullName} (${relative(root, name)})`,
        `  ${firstLine(failureMessages?.[0] ?? 'no message')}`,
      ]),
  );
}

function firstLine(text) {
  return text.split('\n')[0].slice(0, 300);
}

function lookAround() {
  return {
    platform: process.platform,
    arch: process.arch,
    isRoot: process.getuid !== undefined && process.getuid() === 0,
  };
}

function readFresh(name, startedAt) {
  const file = join(root, '.cache', name);
  try {
    if (statSync(file).mtimeMs < startedAt) return undefined; // left over from an earlier run
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
