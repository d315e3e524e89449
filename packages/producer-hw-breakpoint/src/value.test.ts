import { describe, expect, it } from 'vitest';
import { type ProcFiles, tryReadStandingValue } from './value.ts';

const hit = { pid: 10, tid: 11, pc: 0x401234n, address: 0x404040n, lengthBytes: 4 };
const held = 'Name:\tx\nState:\tR (running)\nTracerPid:\t77\n';
const standing = '-1 0x7ffd00 0x401234\n';

function files(status: string, positions: string[], bytes = [1, 2, 0, 0]): ProcFiles & { left: string[] } {
  const left = [...positions];
  return {
    left,
    readText: (path) => (path.endsWith('/status') ? status : (left.shift() ?? 'running\n')),
    readMemory: (_path, target, position) => {
      expect(position).toBe(hit.address);
      target.set(bytes.slice(0, target.length));
      return Math.min(bytes.length, target.length);
    },
  };
} // prettier-ignore

describe('the value that was written', () => {
  it('is read while a tracer holds the thread behind the access, low byte first', () => {
    expect(tryReadStandingValue(hit, files(held, [standing, standing]))).toBe(0x201n);
    const wide = { ...hit, lengthBytes: 8 };
    const bytes = [0xff, 0, 0, 0, 0, 0, 0, 0x80];
    expect(tryReadStandingValue(wide, files(held, [standing, standing], bytes))).toBe(0x80000000000000ffn);
  }); // prettier-ignore

  it('is waited for while the thread is on its way into the stop', () => {
    const late = files(held, ['running\n', '1 0x1 0x2 0x3 0x4 0x5 0x6 0x7ffd00 0x401234\n', standing, standing]);
    expect(tryReadStandingValue(hit, late)).toBe(0x201n);
    expect(late.left).toEqual([]);
  }); // prettier-ignore

  it.each([
    ['nobody traces the thread', files('State:\tR (running)\nTracerPid:\t0\n', [standing, standing])],
    ['it runs', files(held, [])],
    ['it stands elsewhere', files(held, ['-1 0x7ffd00 0x401235\n'])],
    ['it has run on while the memory was read', files(held, [standing, '-1 0x7ffd00 0x401238\n'])],
    ['the memory is not all there', files(held, [standing, standing], [1, 2])],
    ['the files are nonsense', files(held, ['-1 0x7ffd00 nonsense\n'])],
  ])('is not told when %s', (_why, proc) => {
    expect(tryReadStandingValue(hit, proc)).toBeUndefined();
  }); // prettier-ignore

  it('is not told of a process that does not exist', () => {
    expect(tryReadStandingValue({ ...hit, pid: 2 ** 30 })).toBeUndefined();
  });
});
