import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNamedMemory, encodeNamedMemory } from './named-memory.ts';

const memory = fc.record({
  name: fc.stringMatching(/^[A-Za-z_$][\w$.-]{0,63}$/),
  address: fc.bigInt({ min: 0n, max: 2n ** 47n }),
  lengthBytes: fc.integer({ min: 1, max: 2 ** 40 }),
  elementBytes: fc.constantFrom(0, 1, 2, 4, 8),
});

describe('the line that names memory', () => {
  it('is read as it was written, and not at all when it is cut', () => {
    fc.assert(
      fc.property(memory, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (each, part) => {
        const line = encodeNamedMemory(each);
        expect(decodeNamedMemory(line)).toEqual(each);
        expect(decodeNamedMemory(line.slice(0, Math.floor(line.length * part)))).toBeUndefined();
      }),
    );
  }); // prettier-ignore

  it.each([
    'null\n', '[]\n', '{}\n', '{"v":2}\n',
    '{"v":1,"name":"a b","address":"0x10","lengthBytes":8,"elementBytes":1}\n',
    '{"v":1,"name":"a","address":"16","lengthBytes":8,"elementBytes":1}\n',
    '{"v":1,"name":"a","address":"0xffffffffffffffff","lengthBytes":8,"elementBytes":1}\n',
    '{"v":1,"name":"a","address":"0x10","lengthBytes":0,"elementBytes":1}\n',
    '{"v":1,"name":"a","address":"0x10","lengthBytes":1.5,"elementBytes":1}\n',
    '{"v":1,"name":"a","address":"0x10","lengthBytes":8,"elementBytes":-1}\n',
  ])('is passed over when it says something else: %j', (line) => {
    expect(decodeNamedMemory(line)).toBeUndefined();
  }); // prettier-ignore

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(() => decodeNamedMemory(`${text}\n`)).not.toThrow();
      }),
    );
  });
});
