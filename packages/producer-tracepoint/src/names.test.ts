import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { fileOfPattern, parseProbeName } from './names.ts';

it.each([
  ['tracepoint:sock:sock_send_length', { scheme: 'tracepoint', tracepoint: 'sock:sock_send_length' }], // prettier-ignore
  ['uprobe:/usr/lib/libc.so.6:malloc', { scheme: 'uprobe', file: '/usr/lib/libc.so.6', symbol: 'malloc' }], // prettier-ignore
  ['uprobe:/x:a::b+16', { scheme: 'uprobe', file: '/x', symbol: 'a::b+16' }],
  ['uretprobe:libc:malloc', { scheme: 'uretprobe', file: 'libc', symbol: 'malloc' }],
  ['usdt:/x:provider:name', { scheme: 'usdt', file: '/x', provider: 'provider', probe: 'name' }],
])('reads %s', (name, parts) => {
  expect(parseProbeName(name)).toEqual(parts);
});

it.each([
  '',
  'x',
  'tracepoint',
  'tracepoint:',
  'tracepoint:sock',
  'tracepoint:a:b:c',
  'uprobe:/x',
  'uprobe:/x:',
  'uprobe::x',
  'usdt:/x:y',
  'usdt:/x:a:b:c',
  'kprobe:x:y',
])('refuses %j', (name) => {
  expect(() => parseProbeName(name)).toThrow(expect.objectContaining({ code: 'EE_TRACEPOINT_NAME' })); // prettier-ignore
});

function codeOf(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

it('refuses whatever is no name, with a code', () => {
  const probes = fc.string().map((rest) => `uprobe:${rest}`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), probes), (name) => {
      expect(codeOf(() => parseProbeName(name))).toMatch(/^(none|EE_TRACEPOINT_NAME)$/);
    }),
  );
});

it('finds the file that a pattern writes out', () => {
  expect(fileOfPattern('uprobe:/usr/lib/libc.so.6:mem*')).toBe('/usr/lib/libc.so.6');
  expect(fileOfPattern('usdt:/x:**')).toBe('/x');
  expect(fileOfPattern('uprobe:/usr/lib/*:mem*')).toBeUndefined();
  expect(fileOfPattern('uprobe:**')).toBeUndefined();
  expect(fileOfPattern('tracepoint:sock:*')).toBeUndefined();
});
