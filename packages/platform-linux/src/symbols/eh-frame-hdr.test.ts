import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { has } from '../../fixtures/symbols/programs.ts';
import { bytesSource, fileSource } from './byte-source.ts';
import { readEhFrameHdr } from './eh-frame-hdr.ts';
import { readElf } from './elf.ts';
import type { ElfSegment } from './elf-types.ts';

const base = 0x2000;
const codeAt = 0x1000;

interface Written {
  readonly start: number;
  readonly size: number;
}

function segmentOf(fileSize: number): ElfSegment {
  return { offset: 0, address: base, fileSize, memorySize: fileSize, isExecutable: false };
}

/** A table and behind it the descriptions, as a linker writes them. */
function write(functions: readonly Written[]): Uint8Array {
  const tableBytes = 12 + 8 * functions.length;
  const view = new DataView(new ArrayBuffer(tableBytes + 16 * functions.length));
  view.setUint32(0, 0x3b_03_1b_01, true);
  view.setUint32(8, functions.length, true);
  for (const [index, { start, size }] of functions.entries()) {
    const at = tableBytes + 16 * index;
    view.setInt32(12 + 8 * index, start - base, true);
    view.setInt32(16 + 8 * index, at, true);
    view.setUint32(at, 12, true);
    view.setUint32(at + 4, 4, true);
    view.setInt32(at + 8, start - (base + at + 8), true);
    view.setUint32(at + 12, size, true);
  }
  return new Uint8Array(view.buffer);
}

function read(bytes: Uint8Array, isMapped = true): ReturnType<typeof readEhFrameHdr> {
  const segment = segmentOf(bytes.length);
  return readEhFrameHdr(bytesSource(bytes), segment, isMapped ? [segment] : []);
}

/** Functions one behind the other, with gaps. */
const layout = fc
  .array(fc.record({ gap: fc.nat(64), size: fc.integer({ min: 1, max: 5000 }) }), { maxLength: 40 })
  .map((parts) => {
    let at = codeAt;
    return parts.map(({ gap, size }) => {
      const start = at + gap;
      at = start + size;
      return { start, size };
    });
  });

describe('the table of functions of an ELF file', () => {
  it.for([
    '/bin/bash',
    '/bin/ls',
    '/bin/gzip',
    '/lib/x86_64-linux-gnu/libc.so.6',
    '/usr/lib/x86_64-linux-gnu/libcrypto.so.3',
  ])('has in %s the functions that readelf has, with their ends', (path, context) => {
    if (!has('readelf') || !existsSync(path))
      context.skip(`needs readelf: it or ${path} is missing`);
    using source = fileSource(path);
    const table = readElf(source).functionStarts;
    // It complains with its status about what other sections lack.
    const options = { encoding: 'utf8', maxBuffer: 1 << 28 } as const;
    const frames = spawnSync('readelf', ['--debug-dump=frames', path], options).stdout;
    const theirs = [...frames.matchAll(/ FDE cie=\w+ pc=(\w+)\.\.(\w+)/g)].map(
        ([, start = '', end = '']) => [Number.parseInt(start, 16), Number.parseInt(end, 16)] as const,
      ); // prettier-ignore
    expect(theirs.length).toBeGreaterThan(50);
    const ours = Array.from(table?.starts ?? [], (start) => start + (table?.base ?? 0));
    expect(ours).toEqual(theirs.map(([start]) => start).toSorted((a, b) => a - b));
    const starts = new Set(ours);
    for (const [start, end] of theirs) {
      expect([table?.startOf(start), table?.startOf(end - 1)]).toEqual([start, start]);
      expect(table?.startOf(end)).toBe(starts.has(end) ? end : undefined);
    }
  });

  it('finds the function of each address, and none in the gaps', () => {
    const property = fc.property(layout, fc.nat(20_000), (functions, distance) => {
      const address = codeAt + distance;
      const expected = functions.find(({ start, size }) => address >= start && address < start + size); // prettier-ignore
      expect(read(write(functions))?.startOf(address)).toBe(expected?.start);
    });
    fc.assert(property);
  });

  it('passes over other versions and encodings, and tables that are not sorted', () => {
    const good = write([{ start: codeAt, size: 16 }, { start: codeAt + 32, size: 16 }]); // prettier-ignore
    expect(read(good)?.startOf(codeAt + 40)).toBe(codeAt + 32);
    for (const [at, value] of [[0, 2], [1, 0xff], [1, 0x1c], [2, 0xff], [3, 0x1b], [3, 0x3c], [12, 0xff]] as const) {
      const changed = Uint8Array.from(good);
      changed[at] = value;
      expect(read(changed)).toBeUndefined();
    } // prettier-ignore
  });

  it('says nothing of a function whose description is elsewhere or tells another start', () => {
    const bytes = write([{ start: codeAt, size: 16 }]);
    expect(read(bytes)?.startOf(codeAt)).toBe(codeAt);
    expect(read(bytes, false)?.startOf(codeAt)).toBeUndefined();
    const view = new DataView(bytes.buffer);
    view.setUint32(24, 0, true);
    expect(read(bytes)?.startOf(codeAt)).toBeUndefined();
    view.setUint32(24, 4, true);
    view.setInt32(28, 5, true);
    expect(read(bytes)?.startOf(codeAt)).toBeUndefined();
  });

  it('takes truncated, changed and random bytes, and reads no more than there are', () => {
    const change = fc.record({ at: fc.nat(400), value: fc.nat(255) });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.uint8Array({ maxLength: 400 }).map((tail) => Uint8Array.from([1, 0x1b, 3, 0x3b, ...tail])),
      fc.tuple(layout, fc.array(change, { maxLength: 8 }), fc.nat(600)).map(([functions, changes, length]) => {
        const written = write(functions);
        for (const { at, value } of changes) written[at] = value;
        return written.subarray(0, length);
      }),
    ); // prettier-ignore
    const property = fc.property(bytes, fc.integer(), fc.nat(1000), (garbage, address, claimed) => {
      const segment = segmentOf(claimed);
      const table = readEhFrameHdr(bytesSource(garbage), segment, [segment]);
      const found = table?.startOf(address);
      expect(table?.starts.length ?? 0).toBeLessThanOrEqual(garbage.length / 8);
      expect(found ?? address).toBeLessThanOrEqual(address);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
