import { expect, it } from 'vitest';
import { findBlockingCall, parseSystemCall } from './blocked.ts';

it.each([
  ['281 0xe 0x7ffe24302860 0x400 0x3e7 0x0 0x8 0x7ffe24301b00 0x7fe79aa46cae\n', [281, 14]],
  ['0 0x0 0x412af350 0x1 0x7ffe3aecf620 0x0 0x0 0x7ffe 0x7f90\n', [0, 0]],
  ['running\n', []],
  ['-1 0x7ffe24302860 0x7fe79aa46cae\n', []],
  ['', []],
])('the system call in %j is %j', (text, expected) => {
  expect(parseSystemCall(text)).toEqual(expected);
});

it('a process that is not there is not blocked', () => {
  expect(findBlockingCall(4_194_305)).toBeUndefined();
});
