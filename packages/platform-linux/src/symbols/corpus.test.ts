import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesSource } from './byte-source.ts';
import { demangle } from './demangle.ts';
import { readElf } from './elf.ts';
import { parseAddressText } from './find-text.ts';
import { parseKallsyms } from './kallsyms.ts';
import { readLineTable } from './line-table.ts';
import { parseMaps } from './maps.ts';
import { readNotes, readUsdtNote } from './notes.ts';
import { parsePerfMap } from './perf-map.ts';
import { parseUsdtArguments } from './usdt-arguments.ts';

const corpus = new URL('../../fixtures/symbols/corpus/', import.meta.url);

/** What each reader makes of the bytes; a reader of the wrong kind must not mind either. */
const readers: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  elf: (bytes) => {
    const elf = readElf(bytesSource(bytes));
    const { symbols } = elf;
    for (let address = 0xff0; address < 0x1110; address++) symbols.code(address);
    for (const { name } of symbols.symbols()) demangle(name);
    symbols.byName('a');
    elf.functionStarts?.startOf(0x1000);
    symbols.containing('1a', 10);
    return [elf.buildId, elf.debugLink, elf.usdtProbes, elf.sectionBytes('.debug_line')];
  },
  line: (bytes) => {
    const table = readLineTable({ line: bytes, lineStrings: bytes, strings: bytes });
    table.placesOf('a.c', 1);
    return [table.lineAt(1), table.files().length];
  },
  notes: (bytes) => readNotes(bytes).map(({ content }) => readUsdtNote(content, 16)),
  maps: (bytes) => parseMaps(textOf(bytes)),
  'perf map': (bytes) => [0, 1, 16, 4096].map((address) => parsePerfMap(textOf(bytes)).find(address)),
  kallsyms: (bytes) => parseKallsyms(textOf(bytes)).size,
  names: (bytes) => textOf(bytes).split('\n').map((name) => demangle(name).length),
  texts: (bytes) => textOf(bytes).split('\n').filter((line) => line.trim() !== '').map((line) => [parseAddressText(line), parseUsdtArguments(line).length]),
}; // prettier-ignore

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

describe('the corpus of bad input', () => {
  it.for(readdirSync(corpus))('%s harms no reader', (name) => {
    const bytes = Uint8Array.from(readFileSync(new URL(name, corpus)));
    const outcomes = Object.entries(readers).map(([kind, read]) => {
      try {
        return read(bytes) === undefined ? 'nothing' : 'read';
      } catch (error) {
        return (error as { code?: string }).code ?? `${kind}: ${String(error)}`;
      }
    });
    expect(outcomes.filter((outcome) => outcome !== 'read' && outcome !== 'EE_ELF_FORMAT')).toEqual(
      [],
    );
    // Text for the readers of text and bytes for the others: the first that reads it is enough.
    expect(outcomes).toContain('read');
  });
});
