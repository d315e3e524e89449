import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeSymbols, pid } from '../../fixtures/fake-linux.ts';
import { AddressBook } from './address-book.ts';
import { HitWindow } from './hit-window.ts';
import type { Hit } from './internal-types.ts';

const book = new AddressBook(pid, new FakeSymbols(), () => new FakeSymbols());

function hit(timeMs: number, pc: number, tid = 1, chain?: readonly number[]): Hit {
  const timeNs = timeMs * 1e6;
  const spot = book.spotOf({ pid, pc, pcBig: BigInt(pc), isKernel: false, timeNs: 1 });
  const place = spot.byFunction;
  const entries = chain?.map((address) => ({ address: BigInt(address), isKernel: false }));
  return { timeNs, tid, spot, place, chain: entries };
}

const key = hit(0, 0x1000).place.function.key;

describe('the hits of a window', () => {
  it('tell the hottest instruction, thread and callers of a function', () => {
    const hits = new HitWindow(1000);
    hits.add([
      hit(1, 0x1004, 1, [0x1004, 0x2000]),
      hit(2, 0x1008, 2, [0x1008, 0x3000]),
      hit(3, 0x1008, 2),
      hit(4, 0x1004, 2, [0x1004, 0x3000]),
      hit(5, 0x2000, 3),
    ]);
    const { tid, spot, chain } = hits.evidence(key, 5e6) ?? {};
    expect([tid, spot?.pc]).toEqual([2, 0x1008n]);
    expect(chain?.map(({ address }) => Number(address))).toEqual([0x1004, 0x3000]);
  });

  it('tell nothing of what left the window or came after the moment', () => {
    const hits = new HitWindow(10);
    hits.add([hit(1, 0x1000), hit(8, 0x1000), hit(12, 0x1004)]);
    expect(hits.evidence(key, 11e6)?.spot.pc).toBe(0x1000n);
    hits.add([hit(30, 0x1008), hit(31, 0x100c), hit(32, 0x100c)]);
    expect(hits.evidence(key, 32e6)?.spot.pc).toBe(0x100cn);
    hits.add([hit(50, 0x2000)]);
    expect(hits.evidence(key, 50e6)).toBeUndefined();
  });

  it('agree with a plain count over the last part of any stream', () => {
    const stream = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 3 })),
      {
        minLength: 1,
        maxLength: 300,
      },
    );
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 60 }), (steps, windowMs) => {
        const hits = new HitWindow(windowMs);
        const all: Hit[] = [];
        let at = 0;
        for (const [step, pc] of steps) {
          at += step;
          all.push(hit(at, 0x1000 + 4 * pc));
          hits.add(all.slice(-1));
        }
        const within = all.filter(({ timeNs }) => timeNs > (at - windowMs) * 1e6);
        const count = (pc: bigint): number => within.filter(({ spot }) => spot.pc === pc).length;
        const seen = hits.evidence(key, at * 1e6)?.spot.pc ?? 0n;
        expect(count(seen)).toBe(Math.max(...within.map(({ spot }) => count(spot.pc))));
      }),
    );
  });
});
