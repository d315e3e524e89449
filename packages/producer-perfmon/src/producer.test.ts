import { readFileSync } from 'node:fs';
import { resolveRequest } from '@extension-events/core';
import { producerContract } from '@extension-events/core/testing';
import { describe, expect, it } from 'vitest';
import { createFakeHost } from '../fixtures/fake-host.ts';
import { createPerfmonProducer, perfmonDescriptors, perfmonErrorCodes, perfmonOverflowDescriptor, perfmonThresholdDescriptor } from './index.ts'; // prettier-ignore

const requests = {
  'perfmon.overflow': [{}, { counter: 'page-faults', period: 7 }],
  'perfmon.threshold': [
    { resource: 'rss', above: 2 ** 50 },
    { resource: 'threads', above: 1e6 },
  ],
} as const;

describe('the contract', () => {
  producerContract(createPerfmonProducer(), {
    it,
    createHost: () => createFakeHost(),
    module: new URL('index.ts', import.meta.url),
    requests,
    refused: { 'perfmon.overflow': { counter: 'cylces' } },
  });
  producerContract(createPerfmonProducer(), {
    it,
    createHost: () => createFakeHost({ pid: 2 ** 30, refuse: () => 'EE_PERF_NO_THREAD' }),
    module: new URL('host.ts', import.meta.url),
    requests,
    refused: { 'perfmon.overflow': {}, 'perfmon.threshold': { resource: 'fds', above: 1 } },
  });
});

describe('the package', () => {
  it('counts CPU time unless told otherwise', () => {
    expect(resolveRequest(perfmonOverflowDescriptor, {})).toEqual({
      counter: 'task-clock',
      kernel: false,
    });
  });

  it('accepts the last and refuses the first value beyond each limit', () => {
    const threshold = { resource: 'rss', above: 0, everyMs: 10 };
    expect(resolveRequest(perfmonThresholdDescriptor, threshold)).toEqual(threshold);
    for (const change of [{ everyMs: 9.9 }, { above: -1 }, { resource: 'rsss' }]) {
      const request = { ...threshold, ...change };
      expect(() => resolveRequest(perfmonThresholdDescriptor, request)).toThrow(/perfmon/);
    }
    expect(() => resolveRequest(perfmonOverflowDescriptor, { period: 0 })).toThrow(/below 1/);
    expect(resolveRequest(perfmonOverflowDescriptor, { period: 1 })).toBeTruthy();
  });

  it('documents every error, event and parameter in the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const rows = Array.from(readme.matchAll(/^\| `(EE_\w+)` +\| (.*?) +\|/gm), ([, code, meaning]) => [code, meaning]); // prettier-ignore
    expect(Object.fromEntries(rows)).toEqual(perfmonErrorCodes);
    const resources = perfmonThresholdDescriptor.request?.['resource']?.oneOf ?? [];
    for (const { name, fields, request = {} } of perfmonDescriptors) {
      for (const word of [name, ...Object.keys(fields), ...Object.keys(request), ...resources])
        expect(readme).toContain(`\`${word}\``);
    }
  });
});
