import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { platformLinuxErrorCodes } from '../errors.ts';
import { toPerfError } from './perf-error.ts';
import type { Refused } from './perf-error.ts';
import type { PerfRequest } from './session-types.ts';

const request: PerfRequest = { event: { type: 'software', event: 'page-faults' }, rate: { period: 1 }, onSample() {} }; // prettier-ignore
const refuse = (name: keyof typeof constants.errno, more: Partial<Refused> = {}) =>
  toPerfError({ request, tid: 42, step: 'open', result: -constants.errno[name], ...more });

const hintOf = (event: PerfRequest['event']): string =>
  refuse('ENOENT', { request: { ...request, event } }).hint;

describe('a refusal of the kernel', () => {
  it('has a code of the table, whatever the kernel says', () => {
    for (const result of Object.values(constants.errno)) {
      for (const step of ['open', 'ring', 'filter', 'arm'] as const) {
        const { code, message, hint } = toPerfError({ request, tid: 42, step, result: -result });
        expect(Object.keys(platformLinuxErrorCodes)).toContain(code);
        expect(message).toContain('thread 42');
        expect(hint).not.toBe('');
      }
    }
  });

  it('names setting and remedy for a missing permission', () => {
    const { code, message, hint } = refuse('EACCES');
    expect(code).toBe('EE_PERF_PERMISSION');
    expect(message).toMatch(/perf_event_paranoid is (-?\d+|unknown)/);
    expect(hint).toContain('CAP_PERFMON');
    expect(refuse('EACCES', { request: { ...request, includesKernel: true } }).hint).toContain('Leave the kernel out'); // prettier-ignore
  });

  it('keeps memory, files, slots, filters and ends apart', () => {
    expect(refuse('EPERM', { step: 'ring' }).code).toBe('EE_PERF_MEMORY');
    expect(refuse('EPERM').code).toBe('EE_PERF_PERMISSION');
    expect(refuse('EMFILE')).toMatchObject({ code: 'EE_PERF_FILES', hint: expect.stringContaining('RLIMIT_NOFILE') }); // prettier-ignore
    expect(refuse('ENOSPC').code).toBe('EE_PERF_NO_SLOT');
    expect(refuse('EINVAL', { step: 'filter', request: { ...request, filter: 'x' } }).code).toBe('EE_PERF_FILTER'); // prettier-ignore
    expect(refuse('ESRCH').code).toBe('EE_PERF_NO_THREAD');
  });

  it('names what comes nearest to a counter that is absent', () => {
    expect(hintOf({ type: 'hardware', event: 'instructions' })).toBe('Use task-clock instead.');
    expect(hintOf({ type: 'hardware', event: 'cache-misses' })).toBe('Use page-faults instead.');
    expect(hintOf({ type: 'tracepoint', id: 5 })).toContain('export the tracepoints again');
    expect(hintOf({ type: 'uprobe', path: '/x', offset: 0n, isReturn: false })).toContain('path');
  });
});
