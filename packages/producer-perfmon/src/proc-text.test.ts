// oxlint-disable unicorn/consistent-function-scoping -- small helpers stand beside their use
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSchedStat, readStat, readStatus } from './proc-text.ts';

const stat =
  '4242 (a) b (c\n) S 1 4242 4242 0 -1 4194560 1013 55 7 3 10 20 0 0 20 0 1 0 12345 1000000 250';

describe("the kernel's text files", () => {
  it('tell numbers by name, and nothing for other names', () => {
    const text = 'Name:\tVmRSS: 1\nVmRSS:\t    1234 kB\nThreads:\t7\nrchar: 99\n';
    expect(readStatus(text, 'VmRSS')).toBe(1234);
    expect(readStatus(text, 'Threads')).toBe(7);
    expect(readStatus(text, 'rchar')).toBe(99);
    expect(readStatus(text, 'VmSwap')).toBeUndefined();
  });

  it('tell faults behind a name that holds anything', () => {
    expect(readStat(stat)).toEqual({ minorFaults: 1013, majorFaults: 7 });
    expect(readStat('4242 (x')).toBeUndefined();
  });

  it('tell time on a CPU and time of waiting', () => {
    expect(readSchedStat('123456 789 5\n')).toEqual({ runNs: 123456, waitNs: 789 });
    expect(readSchedStat('')).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')('are read as this kernel writes them', () => {
    const read = (name: string): string => readFileSync(`/proc/self/${name}`, 'latin1');
    expect(readStatus(read('status'), 'VmRSS')).toBeGreaterThan(1000);
    expect(readStatus(read('status'), 'voluntary_ctxt_switches')).toBeGreaterThanOrEqual(0);
    expect(readStat(read('stat'))?.minorFaults).toBeGreaterThan(100);
    expect(readSchedStat(read('schedstat'))?.runNs).toBeGreaterThan(1_000_000);
    expect(readStatus(read('io'), 'rchar')).toBeGreaterThan(0);
  });

  it('make no number of garbage', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const found = [readStatus(text, 'VmRSS'), ...Object.values(readStat(text) ?? {}), ...Object.values(readSchedStat(text) ?? {})];
        for (const value of found) expect(value === undefined || Number.isFinite(value)).toBe(true);
      }),
    );
  }); // prettier-ignore
});
