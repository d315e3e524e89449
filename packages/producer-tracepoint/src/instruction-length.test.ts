import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { instructionLength, isInstructionStart } from './instruction-length.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text.split(' '), (each) => Number.parseInt(each, 16)); // prettier-ignore

it.each([
  ['90', 'nop'],
  ['c3', 'ret'],
  ['f3 0f 1e fa', 'endbr64'],
  ['48 89 e5', 'mov %rsp,%rbp'],
  ['48 83 ec 10', 'sub $0x10,%rsp'],
  ['48 81 ec 00 10 00 00', 'sub $0x1000,%rsp'],
  ['66 81 3a 34 12', 'cmpw $0x1234,(%rdx)'],
  ['48 b8 01 02 03 04 05 06 07 08', 'movabs'],
  ['b8 01 02 03 04', 'mov $…,%eax'],
  ['8b 05 01 02 03 04', 'mov …(%rip),%eax'],
  ['8b 04 25 01 02 03 04', 'mov …,%eax without a base'],
  ['8b 44 24 08', 'mov 8(%rsp),%eax'],
  ['8b 84 24 01 02 03 04', 'mov …(%rsp),%eax'],
  ['f6 00 01', 'testb $1,(%rax)'],
  ['f6 10', 'notb (%rax)'],
  ['f7 00 01 02 03 04', 'testl'],
  ['e8 01 02 03 04', 'call'],
  ['0f 84 01 02 03 04', 'je'],
  ['0f ba e0 07', 'bt $7,%eax'],
  ['66 0f 3a 0f c1 08', 'palignr'],
  ['c5 f8 77', 'vzeroupper'],
  ['c5 f9 70 c0 00', 'vpshufd'],
  ['c4 e3 7d 19 c1 01', 'vextractf128'],
  ['62 f1 7c 48 10 00', 'vmovups (%rax),%zmm0'],
  ['c8 10 00 01', 'enter'],
  ['a1 01 02 03 04 05 06 07 08', 'movabs (…),%eax'],
  ['64 48 8b 04 25 28 00 00 00', 'mov %fs:0x28,%rax'],
])('measures %s: %s', (text) => {
  const code = bytes(text);
  expect(instructionLength(code, 0)).toBe(code.length);
  expect(instructionLength(code, 0) === undefined).toBe(false);
  expect(instructionLength(code.subarray(0, -1), 0)).toBeUndefined();
});

it.each([
  '06',
  '0f 04',
  '0f',
  '48',
  '62',
  'ea 01',
  '8f e8 78 c2 ec 0e',
  '66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90',
])('does not know %s', (text) => {
  expect(instructionLength(bytes(text), 0)).toBeUndefined();
});

it('tells starts of instructions from their middles', () => {
  const code = bytes('48 89 e5 48 83 ec 10 90 c3');
  const starts = Array.from(code.keys()).filter((at) => isInstructionStart(code, at) === true);
  expect(starts).toEqual([0, 3, 7, 8]);
  expect(isInstructionStart(bytes('06 90'), 1)).toBeUndefined();
});

it('reads any bytes without end or error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(50), (code, offset) => {
      const length = instructionLength(code, offset);
      if (length === undefined) return;
      expect(length).toBeGreaterThan(0);
      expect(length).toBeLessThanOrEqual(15);
    }),
  );
});

it('agrees with objdump over this machine’s C library', { timeout: 120_000 }, (context) => {
  const file = '/lib/x86_64-linux-gnu/libm.so.6';
  const { stdout, status } = spawnSync('objdump', ['-d', '-w', '--section=.text', file], { encoding: 'utf8', maxBuffer: 1 << 28 }); // prettier-ignore
  if (status !== 0) context.skip('needs gcc: objdump or the library is missing');
  let count = 0;
  const different: string[] = [];
  for (const [line, hex = '', text = ''] of stdout.matchAll(
    /^ +[0-9a-f]+:\t((?:[0-9a-f]{2} )+) *\t?(.*)$/gm,
  )) {
    // It joins fwait with the instruction behind it.
    if (text.includes('(bad)') || text.startsWith('.byte') || hex.startsWith('9b ')) continue;
    const code = bytes(hex.trim());
    count++;
    if (instructionLength(code, 0) !== code.length) different.push(line);
  }
  expect(count).toBeGreaterThan(50_000);
  expect(different).toEqual([]);
});
