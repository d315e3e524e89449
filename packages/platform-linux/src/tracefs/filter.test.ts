import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKernelFilterable, kernelFilter, splitKernelFilter } from './index.ts';
import type { KernelConjunct, TracepointField, TracepointFormat } from './index.ts';

function field(
  name: string,
  type: string,
  size: number,
  more: Partial<TracepointField> = {},
): TracepointField {
  return { name, type, offset: 8, size, isSigned: false, isArray: false, ...more };
}

const format: TracepointFormat = {
  name: 'thing',
  id: 1,
  fields: [
    field('ret', 'int', 4, { isSigned: true }),
    field('family', '__u16', 2),
    field('len', 'size_t', 8),
    field('fd', 'int', 8),
    field('flags', 'unsigned int', 8),
    field('is', 'bool', 1),
    field('comm', 'char', 16, { isArray: true }),
    field('name', 'char', 4, { isArray: true, location: 'data' }),
    field('rel', 'char', 4, { isArray: true, location: 'relative' }),
    field('mac', 'u8', 4, { isArray: true }),
    field('args', 'unsigned long', 16, { isArray: true }),
  ],
};
const write = (...conjuncts: KernelConjunct[]): string => kernelFilter(format, conjuncts);

const anyText = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('latin1')); // prettier-ignore

describe('a kernel filter', () => {
  it.each<[string, KernelConjunct]>([
    ['ret == 13', { field: 'ret', op: '==', value: 13 }],
    ['ret < -13', { field: 'ret', op: '<', value: -13 }],
    ['ret & 4', { field: 'ret', op: '&', value: 4 }],
    ['len >= 18446744073709551615', { field: 'len', op: '>=', value: 2n ** 64n - 1n }],
    ['is == 1', { field: 'is', op: '==', value: true }],
    ['comm == "nginx"', { field: 'comm', op: '==', value: 'nginx' }],
    ['comm != "it\'s"', { field: 'comm', op: '!=', value: "it's" }],
    ['name == \'say "x"\'', { field: 'name', op: '==', value: 'say "x"' }],
    ['(fd & 1 && fd & 4 && !(fd & 4294967290))', { field: 'fd', op: '==', value: 5 }],
    ['(!(fd & 4294967295))', { field: 'fd', op: '==', value: 0 }],
    ['flags & 4294967295', { field: 'flags', op: '&', value: 0xffff_ffff }],
  ])('is written %s', (text, conjunct) => {
    expect(write(conjunct)).toBe(text);
  });

  it('joins its comparisons', () => {
    expect(write({ field: 'ret', op: '>', value: 9 }, { field: 'family', op: '==', value: 2 })).toBe('ret > 9 && family == 2'); // prettier-ignore
    expect(write()).toBe('');
  });

  it.each<[string, KernelConjunct]>([
    ['an unknown field', { field: 'nope', op: '==', value: 1 }],
    ['bytes', { field: 'mac', op: '==', value: 1 }],
    ['one word of an array', { field: 'args0', op: '==', value: 1 }],
    ['a constant that would be cut', { field: 'family', op: '==', value: 65_536 }],
    ['a negative constant of an unsigned field', { field: 'len', op: '>', value: -1 }],
    ['a fraction', { field: 'ret', op: '<', value: 1.5 }],
    ['no number', { field: 'ret', op: '<', value: Number.NaN }],
    ['a number too large to be exact', { field: 'len', op: '==', value: 2 ** 60 }],
    ['a number for a bool', { field: 'is', op: '==', value: 1 }],
    ['a bool for a number', { field: 'ret', op: '==', value: true }],
    ['text for a number', { field: 'ret', op: '==', value: '13' }],
    ['a number for text', { field: 'comm', op: '==', value: 13 }],
    ['an order of texts', { field: 'comm', op: '<', value: 'a' }],
    ['both quotes', { field: 'comm', op: '==', value: `"'` }],
    ['no text', { field: 'comm', op: '==', value: '' }],
    ['a text as long as its field', { field: 'comm', op: '==', value: 'x'.repeat(16) }],
    ['a line end', { field: 'comm', op: '==', value: 'a\nb' }],
    ['other letters than ASCII', { field: 'comm', op: '==', value: 'é' }],
    ['a text behind a relative word', { field: 'rel', op: '==', value: 'x' }],
    ['the order of half a register', { field: 'fd', op: '<', value: 3 }],
    ['an unknown operator', { field: 'ret', op: '~' as never, value: 3 }],
    ['an injection', { field: 'ret == 1 || ret', op: '==', value: 3 }],
  ])('refuses %s', (_what, conjunct) => {
    expect(() => write(conjunct)).toThrow(
      expect.objectContaining({ code: 'EE_TRACEPOINT_FILTER' }),
    );
    const good: KernelConjunct = { field: 'ret', op: '==', value: 13 };
    expect(splitKernelFilter(format, [good, conjunct])).toEqual({ filter: 'ret == 13', rest: [conjunct] }); // prettier-ignore
  });

  it('never takes more than the kernel reads', () => {
    const many = Array.from({ length: 500 }, (_, i): KernelConjunct => ({ field: 'fd', op: '!=', value: i })); // prettier-ignore
    const { filter, rest } = splitKernelFilter(format, many);
    expect(filter.length).toBeLessThan(4096);
    expect(rest.length).toBeGreaterThan(0);
  });

  it('says which fields it can be about', () => {
    expect(format.fields.filter(isKernelFilterable).map(({ name }) => name)).toEqual(['ret', 'family', 'len', 'fd', 'flags', 'is', 'comm', 'name']); // prettier-ignore
  });

  it('never lets a text out of its quotes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), anyText), (value) => {
        const { filter } = splitKernelFilter(format, [{ field: 'name', op: '==', value }]);
        if (filter === '') return;
        const quote = filter[8] ?? '';
        expect(filter).toBe(`name == ${quote}${value}${quote}`);
        expect(value).not.toContain(quote);
      }),
    );
  });

  // The kernel's own arithmetic, on the whole register.
  it('means of half a register what the half means', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 2n ** 64n - 1n),
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        fc.boolean(),
        (register, value, isSame) => {
          const held = isSame ? (register & ~0xffff_ffffn) | BigInt.asUintN(32, BigInt(value)) : register; // prettier-ignore
          for (const op of ['==', '!='] as const) {
            const text = write({ field: 'fd', op, value });
            const isTrue = text
              .replaceAll(/fd & (\d+)/g, (_, mask: string) => String((held & BigInt(mask)) !== 0n))
              .replaceAll(/!\((true|false)\)/g, (_, inner: string) => String(inner !== 'true'));
            const isEqual = Number(BigInt.asIntN(32, held)) === value;
            const terms = /\((.*)\)$/.exec(isTrue)?.[1]?.split(' && ') ?? [];
            const all = terms.every((term) => term === 'true');
            expect(isTrue.startsWith('!') ? !all : all).toBe(op === '==' ? isEqual : !isEqual);
          }
        },
      ),
    );
  });
});
