import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { compile, has, makeDirectory, removeDirectories } from '../../fixtures/symbols/programs.ts';
import { openElfModule, usdtPlaces } from './code-places.ts';
import { readNotes, readUsdtNote } from './notes.ts';
import { evaluateUsdtArgument, parseUsdtArguments, type UsdtContext } from './usdt-arguments.ts';

afterAll(removeDirectories);

const stack = new Uint8Array(64);
new DataView(stack.buffer).setBigInt64(16, -7n, true);
new DataView(stack.buffer).setFloat64(24, 1.5, true);
const registers: Readonly<Record<string, bigint>> = {
  rax: 0xfffffffffffffffen,
  rbx: 0x1234n,
  rbp: 0x7000_0020n,
  rsp: 0x7000_0000n,
  r10: 2n,
  x3: 9n,
};
const context: UsdtContext = {
  register: (name) => registers[name],
  stack,
  symbolAddress: (name) => (name === 'counter' ? 0x5000n : undefined),
  readMemory: (address, length) =>
    address === 0x5004n ? new Uint8Array(length).fill(1) : undefined,
};

function valuesOf(text: string): (bigint | number | undefined)[] {
  return parseUsdtArguments(text).map((argument) => evaluateUsdtArgument(argument, context));
}

describe('arguments of USDT probes', () => {
  it('are read from registers, constants and the stack, with their signs', () => {
    expect(valuesOf('-4@%eax 4@%eax 8@%rax 1@%bh 2@%bx -1@$255 8@$5 -8@$-1')).toEqual([
      -2n, 0xfffffffen, 0xfffffffffffffffen, 0x12n, 0x1234n, -1n, 5n, -1n,
    ]); // prettier-ignore
    expect(valuesOf('-8@-16(%rbp) 8f@24(%rsp) 8@(%rsp,%r10,8) -8@0(%rsp,%r10,8)')).toEqual([
      -7n, 1.5, 0xfffffffffffffff9n, -7n,
    ]); // prettier-ignore
    expect(valuesOf('4@counter+4(%rip) 4@4+counter(%rip) 4@other(%rip) 8@64(%rsp)')).toEqual([
      0x01010101n, 0x01010101n, undefined, undefined,
    ]); // prettier-ignore
  });

  it('may be in the way of arm64, and unknown ones do not harm the others', () => {
    expect(valuesOf('-4@w3 8@x3 8@5 8f@%xmm0 8@%fs:16(%rax) 4@$1')).toEqual([
      9n, 9n, 5n, undefined, undefined, 1n,
    ]); // prettier-ignore
    expect(parseUsdtArguments('8@[sp, 16] 4@[x3]').map(({ operand }) => operand.kind)).toEqual([
      'memory',
      'memory',
    ]);
  });

  it('may be any text', () => {
    const piece = fc.constantFrom('8@', '-4@', '%rax', '$', '(', ')', ',', '[', ']', '1', ' ', 'x');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((all) => all.join('')),
        ),
        (text) => {
          for (const value of valuesOf(text))
            expect(['bigint', 'number', 'undefined']).toContain(typeof value);
        },
      ),
    );
    expect(parseUsdtArguments('['.repeat(100_000)).length).toBeLessThan(5000);
  });
});

describe('notes of USDT probes', () => {
  it('tell place, semaphore and arguments, as readelf shows them', (test) => {
    if (!has('gcc')) test.skip('needs gcc: it is not installed');
    if (!has('readelf')) test.skip('needs readelf: it is not installed');
    const path = compile(makeDirectory(), 'probes.c', 'probes');
    using module = openElfModule(path);
    const [probe, ...others] = usdtPlaces(module.elf);
    expect(others).toEqual([]);
    const shown = execFileSync('readelf', ['-n', path], { encoding: 'utf8' });
    const [, location, semaphore, text] =
      /Location: (\w+), Base: \w+, Semaphore: (\w+)\s+Arguments: (.*)/.exec(shown) ?? [];
    expect(probe).toMatchObject({
      provider: 'shop',
      name: 'sold',
      address: Number(location),
      semaphoreAddress: Number(semaphore),
      argumentText: text,
    });
    expect(module.symbolAt(probe?.address ?? 0, true)?.name).toBe('sell');
    expect(probe?.semaphoreOffset).toBeLessThan(BigInt(module.elf.source.size));
    expect(parseUsdtArguments(probe?.argumentText ?? '')).toHaveLength(3);
  });

  it('are moved as far as prelink has moved their base', () => {
    const content = Buffer.alloc(60);
    content.writeBigUInt64LE(0x1000n, 0);
    content.writeBigUInt64LE(0x2000n, 8);
    content.writeBigUInt64LE(0x3000n, 16);
    content.write('p\0n\0-4@%eax\0', 24);
    expect(readUsdtNote(content, 0x2100)).toEqual({ provider: 'p', name: 'n', address: 0x1100, semaphoreAddress: 0x3100, argumentText: '-4@%eax' }); // prettier-ignore
    expect(readUsdtNote(content.subarray(0, 20), 0)).toBeUndefined();
  });

  it('may be any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const { content } of readNotes(bytes)) readUsdtNote(content, 1);
        expect(() => readUsdtNote(bytes, undefined)).not.toThrow();
      }),
    );
  });
});
