import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isModuleNamed, parseAddressText, splitOffset } from './find-text.ts';
import { parseKallsyms } from './kallsyms.ts';
import { findMapping, parseMaps } from './maps.ts';
import { similarNames } from './similar.ts';

const maps = `00400000-00746000 r--p 00000000 fe:00 123 /opt/my app/node
00746000-00749000 r-xp 00346000 fe:00 123                                /opt/my app/node
7f0000000000-7f0000001000 rwxp 00000000 00:00 0
7f0000002000-7f0000003000 r-xp 00001000 fe:00 9                          /tmp/lib\\012x.so (deleted)
7ffd5b5e0000-7ffd5b5e2000 r-xp 00000000 00:00 0                          [vdso]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;

describe('parseMaps', () => {
  it('reads paths with blanks and newlines, deleted files and anonymous memory', () => {
    const [first, code, jit, deleted, vdso] = parseMaps(maps);
    expect(first).toMatchObject({ start: 0x400000, path: '/opt/my app/node', isExecutable: false });
    expect(code).toMatchObject({ fileOffset: 0x346000, isExecutable: true, inode: '123' });
    expect(jit).toMatchObject({ path: '', isWritable: true, isExecutable: true });
    expect(deleted).toMatchObject({ path: '/tmp/lib\nx.so', isDeleted: true });
    expect(vdso?.path).toBe('[vdso]');
  });

  it('finds the mapping of an address and none between them', () => {
    const mappings = parseMaps(maps);
    expect(findMapping(mappings, 0x746000)?.fileOffset).toBe(0x346000);
    expect(findMapping(mappings, 0x748fff)?.fileOffset).toBe(0x346000);
    expect(findMapping(mappings, 0x749000)).toBeUndefined();
    expect(findMapping(mappings, 0)).toBeUndefined();
    expect(findMapping([], 1)).toBeUndefined();
  });

  it('gives sorted mappings without overlaps for any text', () => {
    const line = fc.tuple(fc.nat(50), fc.nat(50)).map(([a, b]) => `${a.toString(16)}-${b.toString(16)} r-xp 0 00:00 0 x`); // prettier-ignore
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string())), (lines) => {
        const mappings = parseMaps(lines.join('\n'));
        for (const [index, { start, end }] of mappings.entries()) {
          expect(end).toBeGreaterThan(start);
          expect(start).toBeGreaterThanOrEqual(mappings[index - 1]?.end ?? 0);
        }
      }),
    );
  });
});

describe('parseKallsyms', () => {
  const text = `ffffffff81000000 T _stext
ffffffff81000000 T startup_64
ffffffff81000100 t secondary
ffffffff82000000 d data_is_left_out
ffffffffc0001000 t init_xfs	[xfs]
0000000000000000 T hidden
`;

  it('finds the function before an address, with its module', () => {
    const symbols = parseKallsyms(text);
    expect(symbols.find(0xffffffff81000010n)).toMatchObject({ name: '_stext', module: '[kernel]' });
    expect(symbols.find(0xffffffff81000101n)?.name).toBe('secondary');
    expect(symbols.find(0xffffffffc0001fffn)).toMatchObject({ module: '[xfs]' });
    expect(symbols.find(0xffffffff80ffffffn)).toBeUndefined();
    expect(symbols.find(0xfffffffff0000000n)).toBeUndefined();
    expect(symbols.byName('startup_64')).toHaveLength(1);
  });

  it('is empty when the kernel shows zeros, and for any text', () => {
    expect(parseKallsyms('0000000000000000 T a\n0000000000000000 t b').size).toBe(0);
    fc.assert(fc.property(fc.string(), (any) => parseKallsyms(any).size === 0));
  });
});

describe('parseAddressText', () => {
  it('tells addresses, symbols, modules and lines apart', () => {
    expect(parseAddressText('0x10')).toEqual({ kind: 'address', address: 16n });
    expect(parseAddressText('libc.so.6:malloc')).toEqual({ kind: 'symbol', module: 'libc.so.6', name: 'malloc' }); // prettier-ignore
    expect(parseAddressText('libc.so.6:0x10')).toEqual({ kind: 'address', module: 'libc.so.6', address: 16n }); // prettier-ignore
    expect(parseAddressText('a/file.c:12')).toEqual({ kind: 'line', file: 'a/file.c', line: 12 });
    expect(parseAddressText('ns::run')).toEqual({ kind: 'symbol', name: 'ns::run' });
    expect(parseAddressText('lib.so:ns::run(int)')).toEqual({ kind: 'symbol', module: 'lib.so', name: 'ns::run(int)' }); // prettier-ignore
    expect(parseAddressText('f(std::string)')).toEqual({ kind: 'symbol', name: 'f(std::string)' });
    expect(splitOffset('main+16')).toEqual({ name: 'main', offset: 16 });
    expect(splitOffset('main+0x10')).toEqual({ name: 'main', offset: 16 });
    expect(splitOffset('operator+')).toBeUndefined();
    expect(isModuleNamed('/usr/lib/libc.so.6', 'libc')).toBe(true);
    expect(isModuleNamed('/usr/lib/libc.so.6', 'lib/libc.so.6')).toBe(true);
    expect(isModuleNamed('/usr/lib/libcap.so.2', 'libc')).toBe(false);
  });

  it('takes any text but an empty one', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(text.trim() !== '');
        expect(['address', 'line', 'symbol']).toContain(parseAddressText(text).kind);
      }),
    );
    expect(() => parseAddressText(' ')).toThrow(expect.objectContaining({ code: 'EE_SYMBOL_UNKNOWN' })); // prettier-ignore
  });
});

describe('similarNames', () => {
  it('finds what was meant, nearest first', () => {
    const names = ['malloc', 'calloc', 'free', 'mallopt', 'uv_try_write', 'main'];
    expect(similarNames('mallok', names)[0]).toBe('malloc');
    expect(similarNames('try_write', names)).toEqual(['uv_try_write']);
    expect(similarNames('zzzzzz', names)).toEqual([]);
    expect(similarNames('', names)).toEqual([]);
  });
});
