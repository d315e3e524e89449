import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  ask,
  has,
  makeDirectory,
  removeDirectories,
  run,
} from '../../fixtures/symbols/programs.ts';
import { demangle } from './demangle.ts';

afterAll(removeDirectories);

const samples = [
  ['_ZN4node5StartEiPPc', 'node::Start(int, char**)'],
  ['_ZNK3FooIiE3barEv', 'Foo<int>::bar() const'],
  ['_Z3fooIiEvT_', 'void foo<int>(int)'],
  ['_ZN9wikipedia7article6formatEv.cold', 'wikipedia::article::format() [clone .cold]'],
  ['_ZTV3Foo', 'vtable for Foo'],
  ['_Z1fPFvPKcE', 'f(void (*)(char const*))'],
  ['_ZN12_GLOBAL__N_13runEv', '(anonymous namespace)::run()'],
  ['_ZZ4mainENKUliE_clEi', 'main::{lambda(int)#1}::operator()(int) const'],
  ['_ZlsRSoRKSs', 'operator<<(std::ostream&, std::string const&)'],
  ['_Z4sumsIJiifEEvDpT_', 'void sums<int, int, float>(int, int, float)'],
  ['_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE', 'core::fmt::Write::write_fmt'],
  ['_ZN60_$LT$T$u20$as$u20$core..any..Any$GT$7type_id17h0123456789abcdefE', undefined],
  ['_RNvNtCs1234_7mycrate3foo3bar', 'mycrate::foo::bar'],
  ['_RINvCsbmNqQUJIY6D_4core3fooNtB2_3BarhE', 'core::foo::<core::Bar, u8>'],
  ['main', 'main'],
  ['_Zwhatever', '_Zwhatever'],
  ['_R', '_R'],
] as const;

/** How c++filt puts a blank between closing brackets depends on its buffer. */
const plain = (text = ''): string => text.replaceAll(/>\s+(?=>)/g, '>');

describe('demangle', () => {
  it.each(samples)('reads %s', (name, written) => {
    expect(demangle(name)).toBe(written ?? name);
  });

  it('writes the functions of node as c++filt does', (context) => {
    if (!has('c++filt') || !has('nm')) context.skip('needs gcc: binutils are not installed');
    const all = run('nm', process.execPath).match(/(?<= )_Z\w+$/gm) ?? [];
    const names = all.filter((_, index) => index % Math.ceil(all.length / 5000) === 0);
    const theirs = ask('c++filt', ['-i'], `${names.join('\n')}\n`)
      .trimEnd()
      .split('\n');
    const different = names.filter((name, index) => plain(demangle(name)) !== plain(theirs[index]));
    expect(different.length).toBeLessThan(names.length / 500);
  });

  it('writes the functions of a Rust program as c++filt does', (context) => {
    if (!has('rustc') || !has('c++filt')) context.skip('needs rustc: it is not installed');
    const directory = makeDirectory();
    const source = fileURLToPath(new URL('../../fixtures/symbols/shapes.rs', import.meta.url));
    for (const mangling of ['legacy', 'v0']) {
      const program = join(directory, mangling);
      const flags = ['-C', `symbol-mangling-version=${mangling}`, '-C', 'debuginfo=0'];
      // An older or newer compiler may lack one of the manglings.
      if (spawnSync('rustc', [...flags, '-o', program, source]).status !== 0) continue;
      const names = run('nm', program).match(/(?<= )_[ZR]\S+$/gm) ?? [];
      expect(names.length).toBeGreaterThan(100);
      const theirs = ask('c++filt', ['-i'], `${names.join('\n')}\n`)
        .trimEnd()
        .split('\n');
      const different = names.filter((name, index) => demangle(name) !== theirs[index]);
      expect(different.length).toBeLessThan(names.length / 50);
    }
  });

  it('gives names back that refer to themselves or never end', () => {
    for (const name of [
      `_Z${'N'.repeat(5000)}`,
      `_Z1f${'P'.repeat(10_000)}i`,
      `_Z1fI${'S0_'.repeat(2000)}E`,
      `_Z1fSt4pairI${'S_IS0_S0_E'.repeat(300)}E`,
      '_RNvB_1a',
      `_ZN${'1a'.repeat(4000)}`,
      `_ZN${'9'.repeat(5000)}17h0123456789abcdefE`,
      `_R${'T'.repeat(8000)}`,
    ]) {
      expect(demangle(name)).toBe(name);
    }
  });

  it('takes any name', () => {
    const parts = ['_Z', 'N', 'E', 'I', 'S_', 'S0_', 'T_', 'P', 'K', '1a', '3foo', 'v', 'i', 'Dp', 'J', 'X', 'L', 'Ul', 'F', 'A3_', 'M', 'C1', 'D0', 'cv', 'St', 'Z', '.cold', '17h0123456789abcdef', '$LT$', 'R', 'Nv', 'C', 'B_', 'G_', 'D']; // prettier-ignore
    const name = fc.array(fc.constantFrom(...parts)).map((all) => all.join(''));
    fc.assert(
      fc.property(
        fc.constantFrom('_Z', '_R', '_ZN', ''),
        fc.oneof(name, fc.string()),
        (start, rest) => {
          expect(demangle(start + rest).length).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
