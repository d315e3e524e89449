import { describe, expect, it } from 'vitest';
import { FakeSymbols, kernelBase, pid } from '../../fixtures/fake-linux.ts';
import { AddressBook } from './address-book.ts';
import type { Spot } from './internal-types.ts';

const isKernelPc = (pc: number | bigint): boolean => BigInt(pc) >= kernelBase;

function makeBook(): { book: AddressBook; symbols: FakeSymbols; others: Map<number, FakeSymbols>; at: At } {
  const symbols = new FakeSymbols();
  const others = new Map<number, FakeSymbols>();
  const book = new AddressBook(pid, symbols, (other) => {
    const opened = new FakeSymbols('/bin/other');
    others.set(other, opened);
    return opened;
  });
  const at: At = (pc, ofPid = pid, timeMs = 0) =>
    book.spotOf({ pid: ofPid, pc: Number(pc), pcBig: BigInt(pc), isKernel: isKernelPc(pc), timeNs: timeMs * 1e6 });
  return { book, symbols, others, at };
} // prettier-ignore

type At = (pc: number | bigint, ofPid?: number, timeMs?: number) => Spot;
const key = (spot: Spot): string => spot.byFunction.function.key;

describe('the address book', () => {
  it('counts addresses of one function together, and single instructions apart', () => {
    const { at } = makeBook();
    expect(key(at(0x1004))).toBe(key(at(0x1008)));
    expect(key(at(0x1004))).not.toBe(key(at(0x1104)));
    expect(at(0x1004).byPc.function.key).not.toBe(at(0x1008).byPc.function.key);
    expect(at(0x1004)).toBe(at(0x1004));
  });

  it('counts by blocks where there is no symbol', () => {
    const { at } = makeBook();
    expect(key(at(0x8010))).toBe(key(at(0x80f0)));
    expect(key(at(0x8010))).not.toBe(key(at(0x8110)));
    expect(key(at(0x10))).not.toBe(key(at(0x10, 7)));
  });

  it('counts by functions where the unwind table tells them, in all processes that have the file', () => {
    const { at } = makeBook();
    expect(key(at(0x40010))).toBe(key(at(0x40c10)));
    expect(key(at(0x40010))).not.toBe(key(at(0x41010)));
    expect(key(at(0x40010, 7))).toBe(key(at(0x40010)));
  });

  it('counts the tiers of one compiled function together, each process for itself', () => {
    const { at, symbols } = makeBook();
    symbols.jit = new Map([[0x10, 'JS:~hot /a.js:3:1'], [0x20, 'JS:*hot /a.js:3:1'], [0x30, 'JS:*hot /a.js:9:1']]);
    expect(key(at(0x10))).toBe(key(at(0x20)));
    expect(at(0x30).name.line).toBe(9);
  }); // prettier-ignore

  it('looks at compiled code again after a second, since it moves', () => {
    const { at, symbols } = makeBook();
    symbols.jit = new Map([[0x10, 'JS:*before /a.js:3:1']]);
    expect(at(0x10).name.function).toBe('before');
    symbols.jit = new Map([[0x10, 'JS:*after /a.js:8:1']]);
    expect(at(0x10, pid, 900).name.function).toBe('before');
    expect(at(0x10, pid, 1100).name.function).toBe('after');
  });

  it('tells kernel addresses apart that are the same number', () => {
    const { at } = makeBook();
    expect(at(kernelBase + 1n).byPc).not.toBe(at(kernelBase + 2n).byPc);
    expect(at(kernelBase + 1n).byPc.function.key).not.toBe(at(kernelBase + 2n).byPc.function.key);
    expect(at(kernelBase + 1n, 7).byFunction.function.key).toBe(key(at(kernelBase)));
  });

  it('opens the symbols of other processes, of a few at a time, and closes them', () => {
    const { at, book, others } = makeBook();
    for (let other = 1000; other < 1100; other++) at(0x1000, other);
    expect([...others.values()].filter(({ isClosed }) => !isClosed)).toHaveLength(64);
    book[Symbol.dispose]();
    expect([...others.values()].every(({ isClosed }) => isClosed)).toBe(true);
  });

  it('keeps a bounded number of addresses', () => {
    const { at } = makeBook();
    for (let pc = 0x8000; pc < 0x8000 + 150_000; pc++) at(pc);
    expect(key(at(0x8000))).toContain('block');
  });
});
