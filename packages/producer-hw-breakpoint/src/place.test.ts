// oxlint-disable vitest/no-conditional-expect -- what is expected depends on the generated case
// oxlint-disable unicorn/consistent-function-scoping -- small helpers stand beside their use
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choosePlace } from './place.ts';
import { placeInMemory } from './resolve.ts';
import type { HitRequest } from './types.ts';

const write = { access: 'write', kernel: false } as const;
const execute = { access: 'execute', kernel: false } as const;
const at = (address: bigint, sizeBytes?: number) => ({ address, sizeBytes });
const refusal = (run: () => unknown): { code: string; hint: string } => {
  try {
    run();
  } catch (error) {
    return error as { code: string; hint: string };
  }
  throw new Error('it was not refused');
};

describe('what is watched', () => {
  it('is as long as the symbol when a register can watch that', () => {
    for (const size of [1, 2, 4, 8])
      expect(choosePlace(at(0x1000n, size), write).lengthBytes).toBe(size);
    for (const size of [undefined, 0, 3, 16, 4096])
      expect(choosePlace(at(0x1000n, size), write).lengthBytes).toBe(4);
    expect(choosePlace(at(0x1001n, 8), { ...write, lengthBytes: 1 })).toEqual({
      address: 0x1001n,
      lengthBytes: 1,
    });
  });

  it('is aligned to itself, or refused with what would be', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 47n }), fc.constantFrom(1, 2, 4, 8), (address, lengthBytes) => {
        if (address % BigInt(lengthBytes) === 0n) {
          expect(choosePlace(at(address), { ...write, lengthBytes })).toEqual({ address, lengthBytes });
          return;
        }
        const { code, hint } = refusal(() => choosePlace(at(address), { ...write, lengthBytes }));
        expect(code).toBe('EE_HW_BREAKPOINT_ALIGNMENT');
        const [, fits, start] = /lengthBytes=(\d), or watch address=(0x[0-9a-f]+)/.exec(hint) ?? [];
        expect(address % BigInt(fits ?? 0)).toBe(0n);
        expect(choosePlace(at(BigInt(start ?? 0)), { ...write, lengthBytes }).address).toBeLessThan(address);
      }),
    );
  }); // prettier-ignore

  it('has 1, 2, 4 or 8 bytes; other lengths are refused with the next smaller one', () => {
    for (const [lengthBytes, said] of [[0, 1], [3, 2], [5, 4], [9, 8], [4096, 8]] as const) {
      const { code, hint } = refusal(() => choosePlace(at(0n), { ...write, lengthBytes }));
      expect([code, hint]).toEqual(['EE_HW_BREAKPOINT_LENGTH', expect.stringContaining(`lengthBytes=${said}`)]);
    }
  }); // prettier-ignore

  it('is 8 for execution, at any address', () => {
    expect(choosePlace(at(0x1001n, 77), execute)).toEqual({ address: 0x1001n, lengthBytes: 8 });
    expect(choosePlace(at(1n), { ...execute, lengthBytes: 8 }).lengthBytes).toBe(8);
    const one = () => choosePlace(at(1n), { ...execute, lengthBytes: 1 });
    expect(refusal(one).code).toBe('EE_HW_BREAKPOINT_LENGTH');
  });

  it('lies in the program, unless the kernel is asked for', () => {
    const kernels = 0xffffffff81000000n;
    expect(choosePlace(at(2n ** 56n - 8n), write)).toBeTruthy();
    expect(refusal(() => choosePlace(at(2n ** 56n), write)).code).toBe('EE_HW_BREAKPOINT_ADDRESS');
    expect(refusal(() => choosePlace(at(kernels), write)).hint).toContain('kernel=true');
    expect(choosePlace(at(kernels), { ...write, kernel: true }).address).toBe(kernels);
  });
});

describe('named memory', () => {
  const request = (more: Partial<HitRequest> = {}): HitRequest => ({ address: '', ...write, ...more });
  const memory = { name: 'm', address: 0x1000n, lengthBytes: 64, elementBytes: 8 };
  const text = (offset: number, isIndex: boolean) => ({ kind: 'memory', name: 'm', offset, isIndex }) as const;

  it('is watched by element or by byte', () => {
    expect(placeInMemory(memory, text(3, true), request())).toEqual({ address: 0x1018n, lengthBytes: 8 });
    expect(placeInMemory(memory, text(16, false), request())).toEqual({ address: 0x1010n, lengthBytes: 8 });
    const plain = { ...memory, elementBytes: 0 };
    expect(placeInMemory(plain, text(12, false), request())).toEqual({ address: 0x100cn, lengthBytes: 4 });
  });

  it('is watched as a whole when it is small', () => {
    const small = { ...memory, lengthBytes: 8, elementBytes: 1 };
    expect(placeInMemory(small, text(0, false), request()).lengthBytes).toBe(8);
    expect(placeInMemory(small, text(0, true), request()).lengthBytes).toBe(1);
  });

  it('is not left: the last element is watched, the next refused', () => {
    expect(placeInMemory(memory, text(7, true), request()).address).toBe(0x1038n);
    for (const beyond of [text(8, true), text(64, false), text(2 ** 50, false)])
      expect(refusal(() => placeInMemory(memory, beyond, request())).code).toBe('EE_HW_BREAKPOINT_ADDRESS');
  });
}); // prettier-ignore
