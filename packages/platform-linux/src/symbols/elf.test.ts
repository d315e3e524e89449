import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, compile, has, makeDirectory, pseudoRandom, removeDirectories, run } from '../../fixtures/symbols/programs.ts'; // prettier-ignore
import { bytesSource, fileSource } from './byte-source.ts';
import { openElfModule } from './code-places.ts';
import { demangle } from './demangle.ts';
import { readElf } from './elf.ts';
import type { ElfFile } from './elf-types.ts';

const hasTools = has('gcc') && has('readelf') && has('addr2line');
let directory = '';
let plain = '';
beforeAll(() => {
  directory = makeDirectory();
  if (hasTools) plain = compile(directory, 'plain.c', 'plain');
}, 120_000);
afterAll(removeDirectories);

/** Reads everything that a file has to say. */
function readAll(elf: ElfFile): void {
  for (const read of [
    () => elf.buildId,
    () => elf.debugLink,
    () => elf.usdtProbes,
    () => elf.symbols.code(0x1180),
    () => elf.functionStarts?.startOf(0x1180),
    () => elf.symbols.byName('main'),
    () => elf.symbols.containing('main', 10),
    () => [...elf.symbols.symbols()].length,
    () => elf.sectionBytes('.debug_line'),
    () => elf.sectionBytes('.text'),
  ]) {
    expectCoded(read);
  }
}

function expectCoded(act: () => unknown): void {
  let code = 'EE_ELF_';
  try {
    act();
  } catch (error) {
    code = String((error as { code?: unknown }).code ?? error);
  }
  expect(code).toMatch(/^EE_ELF_/);
}

describe('readElf', () => {
  it('reads headers, build id and symbols of this very program', () => {
    using source = fileSource(process.execPath);
    const elf = readElf(source);
    expect(elf.machine).not.toBe('other');
    expect(elf.segments.some(({ isExecutable }) => isExecutable)).toBe(true);
    const [main] = elf.symbols.byName('main');
    expect(main).toMatchObject({ name: 'main', kind: 'function', binding: 'global' });
    expect(elf.symbols.code((main?.address ?? 0) + 1)).toMatchObject({ address: main?.address });
  });

  it.for(['/bin/bash', '/lib/x86_64-linux-gnu/libc.so.6'])(
    'sees in %s the sections, the build id and the functions that readelf sees',
    (path, context) => {
      if (!hasTools || !existsSync(path))
        context.skip(`needs gcc: it, binutils or ${path} is missing`);
      using source = fileSource(path);
      const elf = readElf(source);
      const names = [...run('readelf', '-SW', path).matchAll(/^ *\[ *\d+\] (\S+) /gm)];
      expect(elf.sections.map(({ name }) => name)).toEqual(
        expect.arrayContaining(names.map(([, name]) => name).filter((name) => name !== 'NULL')),
      );
      const id = /Build ID: (\w+)/.exec(run('readelf', '-nW', path))?.[1];
      expect(elf.buildId).toBe(id);
      const table = elf.hasSymtab ? '-sW' : '--dyn-syms';
      const functions = [
        ...run('readelf', table, '-W', path).matchAll(
          /^ *\d+: 0*([1-9a-f]\w*) +(?:0x)?\w+ (?:FUNC|IFUNC) +\w+ +\w+ +\d+ ([^@\s]+)/gm,
        ),
      ];
      expect(functions.length).toBeGreaterThan(1000);
      const every = Math.ceil(functions.length / 200);
      for (const [, address = '', name = ''] of functions.filter((_, at) => at % every === 0)) {
        expect(elf.symbols.byName(name).map((symbol) => symbol.address)).toContain(
          Number.parseInt(address, 16),
        );
      }
    },
  );

  it.for([process.execPath, '/lib/x86_64-linux-gnu/libc.so.6'])(
    'names 300 random addresses of %s as addr2line does, aliases apart',
    (path, context) => {
      if (!hasTools || !existsSync(path))
        context.skip(`needs gcc: it, binutils or ${path} is missing`);
      using module = openElfModule(path);
      const text = module.elf.section('.text');
      const random = pseudoRandom(17);
      const addresses = Array.from({ length: 300 }, () =>
        Math.floor((text?.address ?? 0) + random.next().value * (text?.size ?? 0)),
      );
      const file = module.debug === undefined ? path : module.debug.path;
      const answers = ask(
        'addr2line',
        ['-e', file, '-f', '-a', '-i'],
        addresses.map((address) => address.toString(16)).join('\n'),
      ).split(/^0x(?=[0-9a-f]{16}$)/m);
      let equal = 0;
      for (const [index, address] of addresses.entries()) {
        // Of inlined calls the outermost is the symbol.
        const theirs = answers[index + 1]?.trimEnd().split('\n').at(-2) ?? '??';
        const ours = module.symbolAt(address, true);
        const isAlias = module
          .symbolsNamed(theirs)
          .some((symbol) => symbol.address === ours?.address);
        if (theirs === (ours?.mangled ?? '??') || demangle(theirs) === ours?.name || isAlias)
          equal++;
      }
      expect(equal).toBeGreaterThan(260);
    },
  );

  it('finds variables with their sizes', (context) => {
    if (!hasTools) context.skip('needs gcc: it is not installed');
    using source = fileSource(plain);
    const { symbols } = readElf(source);
    expect(symbols.byName('counter')).toMatchObject([{ size: 4, kind: 'object' }]);
    const [table] = symbols.byName('table');
    expect(table?.size).toBe(512);
    expect(symbols.data((table?.address ?? 0) + 511)?.name).toBe('table');
    expect(symbols.data((table?.address ?? 0) + 512)?.name).not.toBe('table');
  });

  it('finds the debug file by build id and by link, and not one of another build', (context) => {
    if (!hasTools || !has('objcopy')) context.skip('needs gcc: binutils or gcc are not installed');
    for (const flag of ['-Wl,--build-id=sha1', '-Wl,--build-id=none']) {
      const here = makeDirectory();
      const path = compile(here, 'plain.c', 'linked', flag);
      run('objcopy', '--only-keep-debug', path, `${path}.debug`);
      run('strip', path);
      run('objcopy', `--add-gnu-debuglink=${path}.debug`, path);
      using module = openElfModule(path);
      expect(module.elf.hasSymtab).toBe(false);
      expect(module.debug?.path).toBe(`${path}.debug`);
      expect(module.symbolsNamed('zeroed')).toHaveLength(1);
      copyFileSync(compile(here, 'probes.c', 'other', flag), `${path}.debug`);
      using other = openElfModule(path);
      expect(other.debug).toBeUndefined();
      expect(other.symbolsNamed('zeroed')).toHaveLength(0);
    }
  });

  it('decompresses sections, and finds debug files below a directory of build ids', (context) => {
    if (!hasTools || !has('objcopy')) context.skip('needs gcc: binutils or gcc are not installed');
    const path = compile(directory, 'plain.c', 'squeezed', '-gz');
    using source = fileSource(path);
    const elf = readElf(source);
    using plainSource = fileSource(plain);
    expect(elf.sectionBytes('.debug_line').length).toBe(
      readElf(plainSource).sectionBytes('.debug_line').length,
    );
    expect(() => elf.sectionBytes('.debug_line', 10)).toThrow(/more than 10 bytes/);
    const id = elf.buildId ?? '';
    const tree = join(directory, 'tree', '.build-id', id.slice(0, 2));
    run('mkdir', '-p', tree);
    run('objcopy', '--only-keep-debug', path, join(tree, `${id.slice(2)}.debug`));
    run('strip', path);
    using module = openElfModule(path, { debugDirectories: [join(directory, 'tree')] });
    expect(module.symbolsNamed('zeroed')).toHaveLength(1);
  });

  it('refuses what is no ELF file with a code', () => {
    for (const bytes of [[], [0x7f], [...Buffer.from('#!/bin/sh\n'.repeat(20))]]) {
      expect(() => readElf(bytesSource(Uint8Array.from(bytes)))).toThrow(
        expect.objectContaining({ code: 'EE_ELF_FORMAT' }),
      );
    }
    const bytes = Uint8Array.from(readFileSync(process.execPath).subarray(0, 64));
    bytes[4] = 1;
    expect(() => readElf(bytesSource(bytes))).toThrow(/64-bit/);
    expect(() => openElfModule('/no/such/file')).toThrow(
      expect.objectContaining({ code: 'EE_ELF_READ' }),
    );
    expect(() => openElfModule('/dev/null')).toThrow(
      expect.objectContaining({ code: 'EE_ELF_READ' }),
    );
  });

  it('reads truncated, changed and random bytes without anything but coded errors', (context) => {
    if (!hasTools) context.skip('needs gcc: it is not installed');
    const good = readFileSync(plain);
    const change = fc.record({ at: fc.nat(good.length - 1), value: fc.nat(255) });
    const header = fc.record({ at: fc.nat(63), value: fc.nat(255) });
    const table = fc.record({
      at: fc.integer({ min: good.length - 40 * 64, max: good.length - 1 }),
      value: fc.constantFrom(0, 1, 0x7f, 0x80, 0xff),
    });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(change, header, table), { maxLength: 12 }),
        fc.option(fc.nat(good.length)),
        (changes, length) => {
          const bytes = Uint8Array.from(good);
          for (const { at, value } of changes) bytes[at] = value;
          expectCoded(() =>
            readAll(readElf(bytesSource(bytes.subarray(0, length ?? bytes.length)))),
          );
        },
      ),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (tail) => {
        const bytes = Uint8Array.from([...good.subarray(0, 24), ...tail]);
        expectCoded(() => readAll(readElf(bytesSource(bytes))));
        expectCoded(() => readAll(readElf(bytesSource(tail))));
        expect(bytes.length).toBeGreaterThan(0);
      }),
    );
  });
});
