import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatQuantity, formatShort } from './format.ts';
import { formatValue, visible } from './plain-value.ts';

describe('numbers for people', () => {
  it.each([
    [0, '0'],
    [0.4, '0.4'],
    [0.05, '0.05'],
    [3.04, '3'],
    [12.7, '13'],
    [999, '999'],
    [2223, '2223'],
    [12_400, '12.4k'],
    [3_400_000, '3.4M'],
    [1e12, '1000G'],
    [1e15, '1e+15'],
    [1e308, '1e+308'],
    [2.5e-9, '2.5e-9'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [-1, '-1'],
  ])('is short: %s', (value, text) => {
    // prettier-ignore
    expect(formatShort(value)).toBe(text);
  });

  it.each([
    [850, '850 ns'],
    [12_500, '12.5 µs'],
    [3.4e8, '340 ms'],
    [2.13e9, '2.13 s'],
    [2e11, '3 min 20 s'],
    [7.2e12, '2 h'],
  ])('has the unit that fits: %s ns', (value, text) => {
    // prettier-ignore
    expect(formatDuration(value)).toBe(text);
  });

  it('knows units, shares and counted things', () => {
    expect(formatQuantity(13, 'By')).toBe('13 B');
    expect(formatQuantity(2.5, 'ms')).toBe('2.5 ms');
    expect(formatQuantity(0.62, '1', 'share')).toBe('62 %');
    expect(formatQuantity(1873, '{sample}')).toBe('1873 samples');
    expect(formatQuantity(1, '{sample}')).toBe('1 sample');
    expect(formatQuantity(7, 'constructor')).toBe('7 constructor');
    expect(formatCount(12_345_678)).toBe('12,345,678');
    expect(formatBytes(3_130_000)).toBe('2.99 MiB');
  });

  it('tells what is extreme by its exponent, beside the unit as it was given', () => {
    expect(formatQuantity(1e308, 'ms')).toBe('1e+308 ms');
    expect(formatQuantity(1e308, 'By')).toBe('1e+308 B');
    expect(formatQuantity(1e308, undefined)).toBe('1e+308');
    expect(formatQuantity(1e-7, undefined)).toBe('1e-7');
    expect(formatQuantity(1.234e15, '{sample}')).toBe('1.23e+15 samples');
    expect(formatQuantity(Number.POSITIVE_INFINITY, 'ns')).toBe('Infinity ns');
    expect(formatQuantity(Number.NaN, undefined)).toBe('NaN');
    expect(formatQuantity(-1, 'ms')).toBe('-1 ms');
    expect(formatQuantity(0, 'ns')).toBe('0 ns');
    expect(formatCount(1e308)).toBe('1e+308');
  });

  it('groups no digits of what is only a name', () => {
    for (const name of [
      'remotePort',
      'port',
      'id',
      'streamId',
      'childPid',
      'tid',
      'fd',
      'statusCode',
      'exit_code',
    ])
      expect(formatQuantity(51_234, undefined, name)).toBe('51234');
    for (const name of ['grid', 'support', 'bytes'])
      expect(formatQuantity(51_234, undefined, name)).toBe('51,234');
  });
});

describe('values of payloads', () => {
  it('are told with what was cut', () => {
    expect(formatValue({ cut: 'abc', length: 5000 }, undefined)).toBe('abc… (5000 characters)');
    expect(formatValue({ base64: 'AQL/', length: 3 }, undefined)).toBe('01 02 ff (3 bytes)');
    expect(formatValue('2048', { name: 'size', type: 'u64', unit: 'By' })).toBe('2048 B');
    expect(formatValue('9223372036854775808', { name: 'id', type: 'u64' })).toBe('9223372036854775808'); // prettier-ignore
  });

  it('are addresses in base 16', () => {
    const pc = { name: 'pc', type: 'u64', base: 16 } as const;
    expect(formatValue('140737488355327', pc)).toBe('0x7fffffffffff');
    expect(formatValue('18446744073709551615', pc)).toBe('0xffffffffffffffff');
    expect(formatValue(4096, { name: 'address', type: 'u32', base: 16 })).toBe('0x1000');
  });

  it('show what would otherwise move the text', () => {
    expect(visible('a\u0000b\u202ec\td\ne')).toBe(String.raw`a\u0000b\u202ec` + '\td\ne');
  });
});
