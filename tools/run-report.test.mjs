import { describe, expect, it } from 'vitest';
import { summarize } from './run-report.mjs';

const file = (name, ...statuses) => ({
  name,
  status: statuses.length === 0 || statuses.includes('failed') ? 'failed' : 'passed',
  assertionResults: statuses.map((status) => ({ status })),
});
const count = (files, wanted) =>
  files.flatMap((one) => one.assertionResults).filter(({ status }) => status === wanted).length;

function report({ files, skipped = [], retried = [], packages = [], isRoot = true, arch = 'x64' }) {
  return summarize({
    results: {
      numPassedTests: count(files, 'passed'),
      numFailedTests: count(files, 'failed'),
      numPendingTests: count(files, 'skipped'),
      numTodoTests: 0,
      testResults: files,
    },
    skipped,
    retried,
    packages: packages.map((path) => ({ path })),
    required: [{ feature: 'gdb', arch: ['x64'], why: 'apt has it', unless: 'found broken' }],
    machine: { platform: 'linux', arch, isRoot },
  });
}

describe('the report at the end of npm test', () => {
  it('closes with the counts', () => {
    const { lines, isGood } = report({ files: [file('/r/packages/core/src/a.test.ts', 'passed')] });
    expect(lines).toEqual(['1 passed, 0 failed, 0 skipped']);
    expect(isGood).toBe(true);
  });

  it('names skipped tests, each reason once', () => {
    const { lines, isGood } = report({
      files: [file('/r/a', 'passed', 'skipped', 'skipped', 'skipped')],
      skipped: [
        { name: 'reads a PMU', reason: 'needs pmu: silent at 0x7f01\nhint: another machine' },
        { name: 'b', reason: '' },
        { name: 'counts with a PMU', reason: 'needs pmu: silent at 0x7f02\nhint: another machine' },
      ],
    });
    expect(lines).toEqual([
      'skipped: needs pmu: silent at 0x…',
      '  reads a PMU',
      '  counts with a PMU',
      'skipped: no reason is given',
      '  b',
      '1 passed, 0 failed, 3 skipped',
    ]);
    expect(isGood).toBe(true);
  });

  it('names what passed only at a second try, with what had gone wrong at first', () => {
    const retried = [{ name: 'a story', reason: 'Error: waited in vain\n    at a.ts:3' }];
    const { lines, isGood } = report({ files: [file('/r/a', 'passed')], retried });
    expect(lines).toEqual([
      'passed only when it was tried again: a story',
      '  Error: waited in vain',
      '1 passed, 0 failed, 0 skipped',
    ]);
    expect(isGood).toBe(true);
  });

  it('names what failed last, with the first line of why', () => {
    const files = [file('/r/a', 'passed', 'failed')];
    files[0].assertionResults[1].fullName = 'a sum > is right';
    files[0].assertionResults[1].failureMessages = ['AssertionError: 1 is not 2\n    at a.ts:3'];
    const { lines } = report({ files, skipped: [{ name: 'b', reason: 'c' }] });
    expect(lines.slice(2)).toEqual([
      expect.stringMatching(/^failed: a sum > is right \(.*r\/a\)$/u),
      '  AssertionError: 1 is not 2',
      '1 passed, 1 failed, 0 skipped',
    ]);
  });

  it('does not accept a skip of what this machine must have', () => {
    const skipped = [{ name: 'attaches gdb', reason: 'needs gdb: not installed' }];
    const files = [file('/r/a', 'skipped')];
    expect(report({ files, skipped }).isGood).toBe(false);
    expect(report({ files, skipped, isRoot: false }).isGood).toBe(true);
    expect(report({ files, skipped, arch: 'arm64' }).isGood).toBe(true);
    const excused = [{ name: 'attaches gdb', reason: 'needs gdb: found broken here' }];
    expect(report({ files, skipped: excused }).isGood).toBe(true);
  });

  it('does not accept a published package without a passed test', () => {
    const files = [file('/r/packages/core/src/a.test.ts', 'skipped')];
    const { lines, isGood } = report({ files, packages: ['packages/core'] });
    expect(lines[0]).toBe('problem: packages/core is published, but no test of its own has passed');
    expect(isGood).toBe(false);
  });

  it('counts a file that could not be loaded as a failure', () => {
    const { lines, isGood } = report({ files: [file('/r/a'), file('/r/b', 'passed', 'failed')] });
    expect(lines.at(-1)).toBe('1 passed, 2 failed, 0 skipped');
    expect(isGood).toBe(false);
  });
});
