import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameOf } from './native-name.ts';

const jit = (symbol: string): ReturnType<typeof nameOf> =>
  nameOf({ address: 1n, symbol, module: '[jit]', kind: 'jit' });

describe('naming an address', () => {
  it.each([
    ['JS:*hot /app/a.js:12:3', { function: 'hot', url: '/app/a.js', line: 12 }],
    ['LazyCompile:~hot file:///app/a%20b.mjs:1:30', { function: 'hot', url: '/app/a b.mjs', line: 1 }],
    ["JS:'deep node:internal/x:7:1", { function: 'deep', url: 'node:internal/x', line: 7 }],
    ['JS:^ /app/a.js:5:9', { function: '(anonymous)', url: '/app/a.js', line: 5 }],
    ['JS:*get value /app/my dir/a.js:5:9', { function: 'get', url: 'value /app/my dir/a.js', line: 5 }],
    ['py::work:/app/w.py', { function: 'work', url: '/app/w.py', line: 0 }],
    ['Builtin:ArrayMap', { function: 'Builtin:ArrayMap' }],
    ['BytecodeHandler:Add', { function: 'BytecodeHandler:Add' }],
  ])('takes the names of JIT compilers apart: %s', (symbol, name) => {
    expect(jit(symbol)).toEqual(name);
  }); // prettier-ignore

  it('leaves the symbols of files alone', () => {
    const symbol = 'JS:*hot /app/a.js:12:3';
    expect(nameOf({ address: 1n, symbol, module: '/bin/x', kind: 'user' })).toEqual({ function: symbol });
  }); // prettier-ignore

  it('shows file and offset, or the address, where there is no symbol', () => {
    const module = '/lib/a/libz.so.1';
    expect(
      nameOf({ address: 0x7f10n, module, moduleAddress: 0x1f10n, kind: 'user' }).function,
    ).toBe('libz.so.1+0x1f10');
    const bounded = { module, moduleAddress: 0x1f10n, functionAddress: 0x7c00n } as const;
    expect(nameOf({ address: 0x7f10n, ...bounded, kind: 'user' }).function).toBe(
      'libz.so.1+0x1c00',
    );
    expect(nameOf({ address: 0x7f10n, kind: 'unknown' }).function).toBe('0x7f10');
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('', 'JS:*', 'py::', 'LazyCompile:'),
        (text, head) => {
          expect(typeof jit(head + text).function).toBe('string');
        },
      ),
    );
  });
});
