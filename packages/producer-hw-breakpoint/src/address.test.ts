// oxlint-disable vitest/no-conditional-expect -- what is expected depends on the generated case
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress } from './address.ts';

const name = fc.stringMatching(/^[A-Za-z_$][\w$.-]{0,63}$/);

describe('the text of an address', () => {
  it('is a hexadecimal number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (address) => {
        const digits = address.toString(16);
        expect(parseAddress(`0x${digits}`)).toEqual({ kind: 'number', address });
        expect(parseAddress(` 0X${digits.toUpperCase()} `)).toEqual({ kind: 'number', address });
      }),
    );
  });

  it('names memory, with an element or an offset in bytes', () => {
    fc.assert(
      fc.property(name, fc.nat(), (text, offset) => {
        const memory = { kind: 'memory', name: text };
        expect(parseAddress(`memory:${text}`)).toEqual({ ...memory, offset: 0, isIndex: false });
        const index = parseAddress(`memory:${text}[${offset}]`);
        expect(index).toEqual({ ...memory, offset, isIndex: true });
        for (const bytes of [String(offset), `0x${offset.toString(16)}`])
          expect(parseAddress(`memory:${text}+${bytes}`)).toEqual({ ...memory, offset, isIndex: false });
      }),
    );
  }); // prettier-ignore

  it.each([
    ['counter', false],
    ['counter+16', true],
    ['counter+0x1F', true],
    ['libc.so.6:malloc', false],
    ['libc.so.6:malloc+4', true],
    ['operator+', false],
    ['std::vector<int>::operator+(int)', false],
    ['main.c:12', false],
  ])('is a symbol: %s', (text, hasOffset) => {
    expect(parseAddress(text)).toEqual({ kind: 'symbol', text, hasOffset });
  });

  it.each([
    '', '  ', '0x', '0xg', '0x12345678901234567', '1234', '-1', 'memory:', 'memory:a b', 'memory:x[-1]',
    'memory:x[1', 'memory:x+99999999999999999999', 'memory:1x', `memory:${'x'.repeat(65)}`, 'x'.repeat(1001),
  ])('is refused with a hint: %j', (text) => {
    expect(() => parseAddress(text)).toThrow(
      expect.objectContaining({ code: 'EE_HW_BREAKPOINT_ADDRESS', hint: expect.stringContaining('0x') }),
    );
  }); // prettier-ignore

  it('is understood or refused with a code, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), name.map((x) => `memory:${x}[`)), (text) => {
        try {
          expect(['number', 'symbol', 'memory']).toContain(parseAddress(text).kind);
        } catch (error) {
          expect(error).toMatchObject({ code: 'EE_HW_BREAKPOINT_ADDRESS' });
        }
      }),
    );
  }); // prettier-ignore
});
