import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFormat, shapeOf } from './index.ts';
import type { TracepointFormat } from './index.ts';

const anyText = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('latin1')); // prettier-ignore
const common = `	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;
`;
const write = (fields: string, print = '"x"'): string =>
  `name: thing\nID: 4711\nformat:\n${common}\n${fields}\nprint fmt: ${print}\n`;
const field = (declaration: string, offset: number, size: number, signed = 0): string =>
  `	field:${declaration};	offset:${offset};	size:${size};	signed:${signed};`;

function parse(...lines: string[]): TracepointFormat {
  const format = parseFormat(write(lines.join('\n')));
  if (format === undefined) throw new Error('no format');
  return format;
}

function typesOf(...lines: string[]): Record<string, string> {
  const { fields } = shapeOf(parse(...lines));
  return Object.fromEntries(Object.entries(fields).map(([name, { type }]) => [name, type]));
}

describe('a format file', () => {
  it('gives name, id and fields without the common ones', () => {
    const format = parse(field('int __syscall_nr', 8, 4, 1), field('const char *const * argv', 16, 8)); // prettier-ignore
    expect(format).toMatchObject({ name: 'thing', id: 4711 });
    expect(format.fields).toEqual([
      { name: '__syscall_nr', type: 'int', offset: 8, size: 4, isSigned: true, isArray: false },
      { name: 'argv', type: 'const char *const *', offset: 16, size: 8, isSigned: false, isArray: false }, // prettier-ignore
    ]);
  });

  it.each([
    ['u8 x', 1, 0, { x: 'u8' }],
    ['s16 x', 2, 1, { x: 'i16' }],
    ['unsigned int x', 4, 0, { x: 'u32' }],
    ['pid_t x', 4, 1, { x: 'i32' }],
    ['bool x', 1, 0, { x: 'bool' }],
    ['enum zone_type x', 4, 0, { x: 'u32' }],
    ['size_t x', 8, 0, { x: 'u64' }],
    ['long x', 8, 1, { x: 'i64' }],
    ['void * x', 8, 0, { x: 'u64' }],
    ['struct sockaddr * x', 8, 0, { x: 'u64' }],
    ['struct timespec x', 8, 0, { x: 'bytes' }],
    ['char x[16]', 16, 0, { x: 'string' }],
    ['u8 x[16]', 16, 0, { x: 'bytes' }],
    ['unsigned char x[6]', 6, 0, { x: 'bytes' }],
    ['unsigned long x[3]', 24, 0, { x0: 'u64', x1: 'u64', x2: 'u64' }],
    ['int x[2]', 8, 1, { x0: 'i32', x1: 'i32' }],
    ['unsigned int x[10]', 40, 0, { x: 'bytes' }],
    ['unsigned long x[]', 0, 0, { x: 'bytes' }],
    ['__data_loc char[] x', 4, 0, { x: 'string' }],
    ['__rel_loc char[] x', 4, 0, { x: 'string' }],
    ['__data_loc u64[] x', 4, 0, { x: 'bytes' }],
    ['__data_loc cpumask_t x', 4, 0, { x: 'bytes' }],
    ['whatever_t x', 3, 0, { x: 'bytes' }],
    // System calls keep each argument in a whole register.
    ['int x', 8, 0, { x: 'i32' }],
    ['unsigned int x', 8, 0, { x: 'u32' }],
    ['umode_t x', 8, 0, { x: 'u16' }],
    ['loff_t x', 8, 0, { x: 'u64' }],
  ])('maps %s of %d bytes', (declaration, size, signed, types) => {
    expect(typesOf(field(declaration, 8, size, signed))).toEqual(types);
  });

  it('names values that the kernel names, and units where the names say so', () => {
    const print =
      '"%s", __print_symbolic(REC->family, { 2, "AF_INET" }, { 10, "AF_INET6" }), REC->len';
    const format = parseFormat(write([field('__u16 family', 8, 2), field('size_t len', 16, 8), field('u64 delay_ns', 24, 8)].join('\n'), print)); // prettier-ignore
    expect(shapeOf(format as TracepointFormat).fields).toEqual({
      family: { type: 'u16', description: '__u16: 2 AF_INET, 10 AF_INET6' },
      len: { type: 'u64', unit: 'By', description: 'size_t' },
      delay_ns: { type: 'u64', unit: 'ns', description: 'u64' },
    });
  });

  it('has at most 31 fields, each with a name that an event field can have', () => {
    const many = Array.from({ length: 40 }, (_, i) => field(`int f${i}`, 8 + 4 * i, 4, 1));
    expect(Object.keys(typesOf(...many))).toHaveLength(31);
    expect(typesOf(field('int __proto__', 8, 4), field('int constructor', 12, 4), field('int ok', 16, 4), field(`int ${'n'.repeat(65)}`, 20, 4))).toEqual({ ok: 'u32' }); // prettier-ignore
  });

  it.each(['', 'name: x\n', 'ID: 3\n', 'name: x\nID: y\n', '\0\0\0', 'name: \nID: 1\n'])(
    'is refused when it is %j',
    (text) => {
      expect(parseFormat(text)).toBeUndefined();
    },
  );

  it('may be garbage in whole or in part', () => {
    const good = write([field('char comm[16]', 8, 16), field('int fd', 24, 8)].join('\n'), '__print_symbolic(REC->fd, { 1, "x" })'); // prettier-ignore
    const damaged = fc
      .tuple(fc.nat(good.length), fc.nat(good.length), anyText)
      .map(([from, to, text]) => good.slice(0, from) + text + good.slice(to));
    fc.assert(
      fc.property(fc.oneof(damaged, anyText), (text) => {
        const format = parseFormat(text);
        if (format === undefined) return;
        const { fields, decode } = shapeOf(format);
        expect(Object.keys(fields).length).toBeLessThanOrEqual(31);
        decode(new DataView(new ArrayBuffer(64)));
      }),
    );
  });

  it('takes no longer for a hostile text', () => {
    const long = `${'a '.repeat(200_000)};`;
    const text = write(`	field:${long}\n	field:int ${'[] '.repeat(300)}x;	offset:0;	size:4;	signed:1;`, `__print_symbolic(REC->x,${' { 1, "y" }'.repeat(9000)}`); // prettier-ignore
    expect(parseFormat(text)?.fields.length).toBeLessThanOrEqual(1);
  });
});

function record(): DataView {
  const raw = new DataView(new ArrayBuffer(88), 8, 80);
  raw.setBigUint64(8, 0xdead_0000_ffff_ff9cn, true);
  raw.setBigUint64(16, 2n ** 64n - 1n, true);
  raw.setBigInt64(24, -13n, true);
  raw.setUint8(32, 1);
  new Uint8Array(raw.buffer, 8 + 40, 8).set(Buffer.from('exact..8'));
  raw.setUint32(48, (5 << 16) | 68, true);
  new Uint8Array(raw.buffer, 8 + 68, 5).set(Buffer.from('lo\0xx'));
  raw.setUint32(52, (3 << 16) | (74 - 56), true);
  new Uint8Array(raw.buffer, 8 + 74, 3).set([7, 8, 9]);
  new Uint8Array(raw.buffer, 8 + 56, 6).set([1, 2, 3, 4, 5, 6]);
  raw.setUint16(64, 13, true);
  raw.setUint16(66, 65_535, true);
  return raw;
}

describe('an address of the internet', () => {
  const print = '"%s 100%% saddr=%pI4 daddr=%pI6c from=%pISpc %hu", __print_symbolic(REC->len, { 2, "a, b" }), REC->saddr, REC->daddr, REC->from, REC->len'; // prettier-ignore
  const format = parseFormat(write([field('__u8 saddr[4]', 8, 4), field('__u8 daddr[16]', 12, 16), field('__u8 from[28]', 28, 28), field('__u8 mac[6]', 56, 6), field('u16 len', 62, 2)].join('\n'), print)); // prettier-ignore
  const { fields, decode } = shapeOf(format as TracepointFormat);

  function read(daddr: number[], from: number[]): unknown {
    const raw = new Uint8Array(64);
    raw.set([127, 0, 0, 1], 8);
    raw.set(daddr, 12);
    raw.set(from, 28);
    const { saddr, daddr: to, from: sender } = decode(new DataView(raw.buffer)) ?? {};
    return [saddr, to, sender];
  }

  it('is told by the way in which the kernel prints it', () => {
    expect(Object.entries(fields).map(([name, { type }]) => [name, type])).toEqual([['saddr', 'string'], ['daddr', 'string'], ['from', 'string'], ['mac', 'bytes'], ['len', 'u16']]); // prettier-ignore
  });

  it('is written as people write it', () => {
    const one = [...Array.from({ length: 15 }, () => 0), 1];
    const global = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x10];
    const mapped = [...Array.from({ length: 10 }, () => 0), 255, 255, 10, 0, 0, 1];
    expect(read(one, [2, 0, 0x1f, 0x90, 10, 0, 0, 7])).toEqual(['127.0.0.1', '::1', '10.0.0.7:8080']); // prettier-ignore
    expect(read(global, [10, 0, 0, 80, 0, 0, 0, 0, ...one])).toEqual(['127.0.0.1', '2001:db8::1:0:0:10', '[::1]:80']); // prettier-ignore
    expect(read(mapped, [])).toEqual(['127.0.0.1', '::ffff:10.0.0.1', '']);
    expect(read([], [9, 9])).toEqual(['127.0.0.1', '::', '']);
  });

  it('agrees with the platform on each IPv6 address', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 0, 0, 1, 0x10, 0xff), { minLength: 16, maxLength: 16 }),
        (bytes) => {
          // prettier-ignore
          const full = Array.from({ length: 8 }, (_, i) => (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16)).join(':'); // prettier-ignore
          const [, text] = read(bytes, []) as string[];
          expect(new URL(`http://[${text}]`).hostname).toBe(new URL(`http://[${full}]`).hostname);
        },
      ),
    );
  });
});

describe('a record', () => {
  const { decode } = shapeOf(
    parse(
      field('int fd', 8, 8),
      field('u64 wide', 16, 8),
      field('long back', 24, 8, 1),
      field('bool is', 32, 1),
      field('char comm[8]', 40, 8),
      field('__data_loc char[] name', 48, 4),
      field('__rel_loc u8[] tail', 52, 4),
      field('u8 mac[6]', 56, 6),
      field('u16 pair[2]', 64, 4),
    ),
  );

  it('is decoded by the format, and does not keep the bytes', () => {
    const raw = record();
    const payload = decode(raw);
    new Uint8Array(raw.buffer).fill(0);
    expect(payload).toEqual({
      fd: -100,
      wide: 2n ** 64n - 1n,
      back: -13n,
      is: true,
      comm: 'exact..8',
      name: 'lo',
      tail: Uint8Array.of(7, 8, 9),
      mac: Uint8Array.of(1, 2, 3, 4, 5, 6),
      pair0: 13,
      pair1: 65_535,
    });
  });

  it('that ends too early is no event; a text that lies outside is empty', () => {
    const raw = record();
    expect(decode(new DataView(raw.buffer, 8, 67))).toBeUndefined();
    expect(decode(new DataView(raw.buffer, 8, 68))).toMatchObject({ fd: -100, name: '', pair1: 65_535 }); // prettier-ignore
    raw.setUint32(48, 0xffff_ffff, true);
    expect(decode(raw)).toMatchObject({ name: '' });
  });

  it('may hold anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(8), (bytes, skip) => {
        const length = Math.max(0, bytes.length - skip);
        const payload = decode(new DataView(bytes.buffer, Math.min(skip, bytes.length), length));
        expect(payload === undefined).toBe(length < 68);
      }),
    );
  });

  it('round-trips integers of each width', () => {
    const kinds = fc.constantFrom<[string, number, boolean]>(['u8', 1, false], ['s8', 1, true], ['u16', 2, false], ['s16', 2, true], ['u32', 4, false], ['s32', 4, true], ['u64', 8, false], ['s64', 8, true]); // prettier-ignore
    fc.assert(
      fc.property(
        kinds,
        fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n),
        fc.nat(40),
        ([type, size, isSigned], value, offset) => {
          const wanted = isSigned
            ? BigInt.asIntN(size * 8, value)
            : BigInt.asUintN(size * 8, value);
          const raw = new DataView(new ArrayBuffer(offset + size));
          for (let i = 0; i < size; i++) raw.setUint8(offset + i, Number((wanted >> BigInt(8 * i)) & 0xffn)); // prettier-ignore
          const shape = shapeOf(parse(field(`${type} x`, offset, size, isSigned ? 1 : 0)));
          expect(BigInt(shape.decode(raw)?.['x'] as bigint | number)).toBe(wanted);
        },
      ),
    );
  });
});
