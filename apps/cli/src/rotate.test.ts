import { expect, it } from 'vitest';
import { parseRotate } from './rotate.ts';

it.each([
  ['10MB', { bytes: 10_000_000 }],
  ['1h', { ms: 3_600_000 }],
  ['10MB,1h,keep=5', { bytes: 10_000_000, ms: 3_600_000, keep: 5 }],
  ['keep=0, 1.5KiB', { bytes: 1536, keep: 0 }],
  ['30s', { ms: 30_000 }],
  ['5min', { ms: 300_000 }],
  ['1d,1B', { ms: 86_400_000, bytes: 1 }],
  ['2GiB', { bytes: 2 ** 31 }],
])('%s says when to begin another file', (text, expected) => {
  expect(parseRotate(text)).toEqual(expected);
});

it.each([
  '',
  '10',
  '10M',
  '10m',
  '0MB',
  '0.1B',
  '0s',
  '-1MB',
  'MB',
  '1MB,2MB',
  'keep=5',
  '1MB,keep=',
  '1MB,keep=x',
  '1e3MB',
  '1MB,,1h',
])('%s says nothing, and an example is shown', (text) => {
  // prettier-ignore
  const hint = expect.stringContaining('--rotate 10MB,1h,keep=5');
  expect(() => parseRotate(text)).toThrow(expect.objectContaining({ code: 'EE_USAGE', hint }));
});
