import { expect, it } from 'vitest';
import { defaultAttrBytes, encodeAttr, readAttrSize } from './attr.ts';

it('puts each word where include/uapi/linux/perf_event.h has it', () => {
  const bytes = encodeAttr({
    type: 5,
    config: 0x1_02n,
    period: 997,
    sampleType: 0x10007,
    readFormat: 19,
    flags: ['disabled', 'excludeKernel', 'inheritThread', 'sigtrap'],
    breakpointType: 2,
    config1: 0x7fff_1234_5678n,
    config2: 4n,
    userRegisters: 0xff0fffn,
    userStackBytes: 64,
  });
  const view = new DataView(bytes.buffer);
  expect(bytes).toHaveLength(defaultAttrBytes);
  expect(view.getUint32(0, true)).toBe(5);
  expect(view.getUint32(4, true)).toBe(defaultAttrBytes);
  expect(view.getBigUint64(8, true)).toBe(0x102n);
  expect(view.getBigUint64(16, true)).toBe(997n);
  expect(view.getBigUint64(24, true)).toBe(0x10007n);
  expect(view.getBigUint64(32, true)).toBe(19n);
  // disabled 0, exclude_kernel 5, use_clockid 25, inherit_thread 35, sigtrap 37
  expect(view.getBigUint64(40, true)).toBe((1n << 0n) | (1n << 5n) | (1n << 25n) | (1n << 35n) | (1n << 37n)); // prettier-ignore
  expect(view.getUint32(52, true)).toBe(2);
  expect(view.getBigUint64(56, true)).toBe(0x7fff_1234_5678n);
  expect(view.getBigUint64(64, true)).toBe(4n);
  expect(view.getBigUint64(80, true)).toBe(0xff0fffn);
  expect(view.getUint32(88, true)).toBe(64);
  expect(view.getInt32(92, true)).toBe(1);
});

it('says a smaller size to a kernel that knows less', () => {
  const bytes = encodeAttr({ type: 1 }, 112);
  expect(readAttrSize(bytes)).toBe(112);
});
