import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listThreads, parseStatus, tryReadComm, tryReadStatus } from './status.ts';

describe('the status of a process', () => {
  it('is read from its fields', () => {
    const text = 'Name:\tnode\nState:\tS (sleeping)\nTgid:\t42\nTracerPid:\t7\nUid:\t1000\t1001\t1000\t1000\nThreads:\t11\nvoluntary_ctxt_switches:\t5\nnonvoluntary_ctxt_switches:\t6\n'; // prettier-ignore
    expect(parseStatus(text)).toEqual({ name: 'node', state: 'S', pid: 42, tracerPid: 7, uid: 1000, effectiveUid: 1001, threadCount: 11, voluntarySwitches: 5, involuntarySwitches: 6 }); // prettier-ignore
  });

  it('is made of zeros when the text is something else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseStatus(text).tracerPid).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('is that of this process for this process, and nothing for none', (context) => {
    if (process.platform !== 'linux') context.skip('needs linux: there is no /proc');
    expect(tryReadStatus(process.pid)).toMatchObject({ pid: process.pid, uid: process.getuid?.(), tracerPid: 0 }); // prettier-ignore
    expect(listThreads(process.pid)).toContain(process.pid);
    expect(tryReadComm(process.pid, process.pid)).toBeTruthy();
    expect(tryReadStatus(4_194_303)).toBeUndefined();
    expect(tryReadComm(4_194_303, 1)).toBeUndefined();
    expect(listThreads(4_194_303)).toEqual([]);
  });
});
