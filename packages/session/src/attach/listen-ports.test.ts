import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isOverlapping, listenersOf, listListeners, parseListeners } from './listen-ports.ts';

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const row = (local: string, state: string, inode: number): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 000000008664c565 100 0 0 10 0`;

describe('a table of sockets', () => {
  it('gives the listening ones with address, port and inode', () => {
    const table = [
      head,
      row('0100007F:240D', '0A', 11),
      row('0100007F:240D', '06', 0),
      row('00000000:07E8', '0A', 12),
    ];
    expect(parseListeners(table.join('\n'))).toEqual([
      { inode: 11, address: '127.0.0.1', port: 9229 },
      { inode: 12, address: '0.0.0.0', port: 2024 },
    ]);
  });

  it.each([
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000001000000', '::1'],
    ['0000000000000000FFFF00000100007F', '127.0.0.1'],
    ['B80D0120000000000000000001000000', '2001:db8::1'],
  ])('reads the IPv6 address %s as %s', (hex, address) => {
    expect(parseListeners(`${head}\n${row(`${hex}:0050`, '0A', 1)}`)).toEqual([
      { inode: 1, address, port: 80 },
    ]);
  });

  it('may be empty or cut short', () => {
    expect(parseListeners('')).toEqual([]);
    expect(parseListeners(`${head}\n   0: 0100007F:240D 000`)).toEqual([]);
  });
});

it.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['0.0.0.0', '127.0.0.1', true],
  ['::', '127.0.0.1', true],
  ['127.0.0.1', '0.0.0.0', true],
  ['127.0.0.1', 'localhost', true],
  ['::1', '127.0.0.1', false],
  ['10.0.0.1', '127.0.0.1', false],
])('a listener on %s keeps another one from %s: %s', (address, host, expected) => {
  expect(isOverlapping({ inode: 1, address, port: 9229 }, { host, port: 9229 })).toBe(expected);
  expect(isOverlapping({ inode: 1, address, port: 9229 }, { host, port: 9230 })).toBe(false);
});

it('a server of this process is found among its own sockets, and not among those of another', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  const mine = listListeners().filter((listener) => listener.port === port);
  expect(listenersOf(process.pid, mine)).toEqual(mine);
  expect(mine).toHaveLength(1);
  expect(listenersOf(process.ppid, mine)).toEqual([]);
  server.close();
});
