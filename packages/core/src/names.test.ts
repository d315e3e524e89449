import { expect, it } from 'vitest';
import { checkEventName, compilePattern, isEventName, isExactPattern } from './names.ts';

it.each([
  'send',
  'net.send',
  'hot-spot',
  'lucky13',
  'a.b-c.d2',
  'channel:http.client.request.start',
  'tracepoint:syscalls:sys_enter_sendto',
  'uprobe:/usr/lib/libc.so.6:malloc',
  'usdt:/path:provider:name',
  'a'.repeat(200),
])('accepts the name %s', (name) => {
  expect(isEventName(name)).toBe(true);
  expect(() => checkEventName(name)).not.toThrow();
});

it.each([
  '',
  'Net.send',
  'net_send',
  'net..send',
  '.net',
  'net.',
  'net.-send',
  'net.send-',
  '13lucky',
  'net send',
  'channel:',
  'channel:a b',
  ':x',
  'naïve',
  'a'.repeat(201),
  undefined as never,
  13 as never,
  { length: 3 } as never,
])('refuses the name %j', (name) => {
  expect(isEventName(name)).toBe(false);
  expect(() => checkEventName(name)).toThrow(expect.objectContaining({ code: 'EE_NAME' }));
});

it.each([
  ['net.send', 'net.send', true],
  ['net.send', 'net.sends', false],
  ['net.*', 'net.send', true],
  ['net.*', 'net.', true],
  ['net.*', 'net.tcp.send', false],
  ['net.**', 'net.tcp.send', true],
  ['**', 'net.tcp.send', true],
  ['*', 'net.send', false],
  ['*', 'hot-spot', true],
  ['**.error', 'net.tcp.error', true],
  ['**.error', 'error', false],
  ['*.*', 'net.send', true],
  ['net.s?nd', 'net.send', true],
  ['net?send', 'net.send', false],
  ['channel:**', 'channel:http.client.request.start', true],
  ['tracepoint:syscalls:*', 'tracepoint:syscalls:sys_enter_sendto', true],
  ['uprobe:(a)*', 'uprobe:(a)b', true],
  ['***', 'x.y', true],
  ['a*b*c', 'aXbYc', true],
  ['a*b*c', 'aXbY', false],
])('matches %s against %s: %s', (pattern, name, matches) => {
  expect(compilePattern(pattern)(name)).toBe(matches);
});

it.each([
  '',
  'a b',
  '[[[',
  'a..b',
  '../../x',
  'a+b',
  'a\n',
  'é',
  '*'.repeat(201),
  undefined as never,
])('refuses the pattern %j', (pattern) => {
  expect(() => compilePattern(pattern)).toThrow(expect.objectContaining({ code: 'EE_PATTERN' }));
});

it('decides a pattern of many stars in a moment', () => {
  const matches = compilePattern(`${'*a'.repeat(99)}b`);
  expect(matches('a'.repeat(200))).toBe(false);
  expect(compilePattern(`${'**a'.repeat(60)}b`)('a'.repeat(200))).toBe(false);
});

it('tells names from patterns', () => {
  expect(isExactPattern('net.send')).toBe(true);
  expect(isExactPattern('net.*')).toBe(false);
  expect(isExactPattern('net.s?nd')).toBe(false);
});
