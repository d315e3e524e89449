import { appendFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { makeDirectory, removeDirectories, run } from '../../fixtures/symbols/programs.ts';
import { parsePerfMap, PerfMap, PerfMapFile } from './perf-map.ts';

afterAll(removeDirectories);
const uid = process.getuid?.() ?? 0;

describe('PerfMap', () => {
  it('believes the last entry over an address', () => {
    const map = parsePerfMap('1000 100 first\n1080 10 second\n1000 20 JS:*third file.js:1:2\n');
    expect(map.find(0x1000)?.name).toBe('JS:*third file.js:1:2');
    expect(map.find(0x1020)?.name).toBe('first');
    expect(map.find(0x1085)?.name).toBe('second');
    expect(map.find(0x1100)).toBeUndefined();
  });

  it('finds entries that reach over many pages and takes 0x before numbers', () => {
    const map = parsePerfMap('0x10000 0x2000000 huge\n20000 10 small');
    expect(map.find(0x1000000)?.name).toBe('huge');
    expect(map.find(0x20008)?.name).toBe('small');
    expect(map.find(0x2010000)).toBeUndefined();
  });

  it('does not mind where a text is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(5000), fc.integer({ min: 1, max: 300 })), { maxLength: 20 }),
        fc.array(fc.nat(600), { maxLength: 6 }),
        fc.nat(5300),
        (entries, cuts, address) => {
          const lines = entries.map(([start, size], index) => `${start.toString(16)} ${size.toString(16)} n${index}\n`); // prettier-ignore
          const text = lines.join('');
          const map = new PerfMap();
          let from = 0;
          for (const cut of [...cuts.toSorted((a, b) => a - b), text.length]) {
            map.append(text.slice(from, Math.max(from, cut)));
            from = Math.max(from, cut);
          }
          const index = entries.findLastIndex(([start, size]) => address >= start && address < start + size); // prettier-ignore
          expect(map.find(address)?.name).toBe(index < 0 ? undefined : `n${index}`);
        },
      ),
    );
  });

  it('takes any text', () => {
    fc.assert(fc.property(fc.string(), fc.nat(), (text, at) => void parsePerfMap(text).find(at)));
    expect(parsePerfMap('ffffffffffffffff ffffffffffffffff x\n1 0 empty\n').size).toBe(0);
  });
});

describe('PerfMapFile', () => {
  it('follows a file that grows, and starts again with one that was cut', () => {
    const path = join(makeDirectory(), 'perf-1.map');
    using file = new PerfMapFile([path], uid);
    file.refresh();
    expect(file.find(0x1000)).toBeUndefined();
    writeFileSync(path, '1000 10 a');
    file.refresh();
    appendFileSync(path, 'b\n2000 10 c\n');
    file.refresh();
    expect(file.find(0x1000)?.name).toBe('ab');
    expect(file.find(0x2000)?.name).toBe('c');
    writeFileSync(path, '3000 10 d\n');
    file.refresh();
    expect(file.find(0x1000)).toBeUndefined();
    expect(file.find(0x3000)?.name).toBe('d');
  });

  it('believes no link, no FIFO, and no file of somebody else', () => {
    const directory = makeDirectory();
    const [real, link, fifo] = ['real', 'link', 'fifo'].map((name) => join(directory, name));
    writeFileSync(real ?? '', '1000 10 a\n');
    symlinkSync(real ?? '', link ?? '');
    run('mkfifo', fifo ?? '');
    for (const path of [link, fifo, directory]) {
      using file = new PerfMapFile([path ?? ''], uid);
      file.refresh();
      expect(file.find(0x1000)).toBeUndefined();
    }
    using foreign = new PerfMapFile([real ?? ''], uid + 1);
    foreign.refresh();
    expect(foreign.find(0x1000) === undefined).toBe(uid !== 0);
  });
});
