import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  ask,
  compile,
  has,
  makeDirectory,
  removeDirectories,
} from '../../fixtures/symbols/programs.ts';
import { Addr2lineOutput } from './addr2line-output.ts';
import { fileSource } from './byte-source.ts';
import { readElf } from './elf.ts';
import type { LineSections } from './line-header.ts';
import { readLineTable } from './line-table.ts';
import type { SourceLine } from './types.ts';

const hasTools = has('gcc') && has('addr2line');
afterAll(removeDirectories);

function sectionsOf(path: string): LineSections & { readonly text: readonly [number, number] } {
  using source = fileSource(path);
  const elf = readElf(source);
  const text = elf.section('.text');
  return {
    line: elf.sectionBytes('.debug_line').slice(),
    lineStrings: elf.sectionBytes('.debug_line_str').slice(),
    strings: elf.sectionBytes('.debug_str').slice(),
    text: [text?.address ?? 0, text?.size ?? 0],
  };
}

function use(sections: LineSections): number {
  const table = readLineTable(sections);
  table.lineAt(0x1190);
  table.placesOf('plain.c', 1);
  return table.files().length;
}

describe('readLineTable', () => {
  it.for([
    ['plain.c', '-gdwarf-2'],
    ['plain.c', '-gdwarf-3'],
    ['plain.c', '-gdwarf-4'],
    ['plain.c', '-gdwarf-5'],
    ['plain.c', '-gz'],
    ['shapes.cc', '-gdwarf-4'],
    ['shapes.cc', '-gdwarf-5'],
    ['shapes.cc', '-O1'],
    ['plain.c', '-O0'],
  ] as const)('gives the lines of %s with %s that addr2line gives', ([file, flag], context) => {
    if (!hasTools || !has('g++')) context.skip('needs gcc: binutils or gcc are not installed');
    const path = compile(makeDirectory(), file, 'program', flag);
    const { text, ...sections } = sectionsOf(path);
    const table = readLineTable(sections);
    const addresses = Array.from({ length: text[1] }, (_, index) => text[0] + index);
    const answers = ask(
      'addr2line',
      ['-e', path],
      addresses.map((address) => address.toString(16)).join('\n'),
    ).split('\n');
    let known = 0;
    const different: string[] = [];
    for (const [index, address] of addresses.entries()) {
      const theirs = /^(.*):(\d+)/.exec(answers[index] ?? '');
      const ours = table.lineAt(address);
      const isEqual =
        ours === undefined
          ? theirs === null || theirs[1] === '??' || theirs[2] === '0'
          : Number(theirs?.[2]) === ours.line &&
            // Before DWARF 5 the directory of the compilation is not in this table.
            (theirs?.[1] ?? '').split('/').at(-1) === ours.file.split('/').at(-1);
      if (ours !== undefined) known++;
      if (!isEqual)
        different.push(`${address.toString(16)} ${answers[index]} ${JSON.stringify(ours)}`);
    }
    expect(known).toBeGreaterThan(100);
    expect(different).toEqual([]);
  });

  it('finds where a line starts, or the next one that has code', (context) => {
    if (!hasTools) context.skip('needs gcc: it is not installed');
    const path = compile(makeDirectory(), 'plain.c', 'program', '-O0');
    const table = readLineTable(sectionsOf(path));
    const [place, ...others] = table.placesOf('plain.c', 20);
    expect(others).toEqual([]);
    expect(place).toMatchObject({ line: 20 });
    expect(table.lineAt(place?.address ?? 0)).toMatchObject({ line: 20 });
    expect(table.placesOf('symbols/plain.c', 10)).toMatchObject([{ line: 12 }]);
    expect(table.placesOf('plain.c', 4000)).toEqual([]);
    expect(table.placesOf('lain.c', 20)).toEqual([]);
    expect(table.files().some((file) => file.endsWith('plain.c'))).toBe(true);
  });

  it('reads any bytes', (context) => {
    if (!hasTools) context.skip('needs gcc: it is not installed');
    const directory = makeDirectory();
    const good = ['-gdwarf-4', '-gdwarf-5'].map((flag) =>
      sectionsOf(compile(directory, 'plain.c', join(flag.slice(1)), flag)),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...good),
        fc.array(fc.tuple(fc.nat(1 << 16), fc.nat(255)), { maxLength: 10 }),
        fc.option(fc.nat(1 << 16)),
        (sections, changes, length) => {
          const line = sections.line.slice(0, length ?? sections.line.length);
          for (const [at, value] of changes) line[at % Math.max(1, line.length)] = value;
          expect(use({ ...sections, line })).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (line) => void use({ line })));
  });
});

describe('Addr2lineOutput', () => {
  const sentinel = '0xffffffffffffffff\n??\n??:0\n';
  const first = '0x0000000000001180\ntwice\n/a/plain.c:12 (discriminator 3)\nhot\n/a/b:c.c:19\n';
  const second = '0x0000000000002000\n??\n??:0\n0x0000000000001190\nhot\n/a/plain.c:?\n';

  it('parts answers, also those of inlined calls, wherever the text is cut', () => {
    const text = first + sentinel + second.slice(0, 27) + sentinel + second.slice(27) + sentinel;
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const answers: (readonly SourceLine[])[] = [];
        const output = new Addr2lineOutput((lines) => answers.push(lines));
        let from = 0;
        for (const cut of [...cuts.toSorted((a, b) => a - b), text.length]) {
          output.push(text.slice(from, cut));
          from = cut;
        }
        expect(answers).toEqual([
          [
            { function: 'twice', file: '/a/plain.c', line: 12 },
            { function: 'hot', file: '/a/b:c.c', line: 19 },
          ],
          [],
          [],
        ]);
      }),
    );
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => new Addr2lineOutput(() => {}).push(text)).not.toThrow();
      }),
    );
  });
});
