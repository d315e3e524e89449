import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { listeningSockets, parseSocketTable } from '../src/inspector-ports.ts';

// A line of /proc/net/tcp for a listening socket.
const row = (local: string, inode: number): string =>
  `   0: ${local} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0`;

describe('listening sockets', () => {
  it('are those of the process, while they listen', async () => {
    const before = listeningSockets(process.pid);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(listeningSockets(process.pid)).toEqual([...before, `127.0.0.1:${port}`].toSorted());
    server.close();
    await once(server, 'close');
    expect(listeningSockets(process.pid)).toEqual(before);
  });

  it('show an inspector that is open in another process', async () => {
    const child = spawn(
      process.execPath,
      ['--inspect=127.0.0.1:0', '-e', 'setInterval(() => {}, 1000)'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    try {
      const port = await new Promise<string>((resolve) => {
        createInterface({ input: child.stderr }).on('line', (line) => {
          const found = /ws:\/\/127\.0\.0\.1:(\d+)\//.exec(line)?.[1];
          if (found !== undefined) resolve(found);
        });
      });
      expect(listeningSockets(child.pid ?? 0)).toEqual([`127.0.0.1:${port}`]);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });

  it('are read from the tables of IPv4 and IPv6', () => {
    const header =
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
    const text = [
      header,
      row('0100007F:240D', 11),
      row('00000000000000000000000001000000:1F90', 12),
      row('0000000000000000FFFF00000100007F:0050', 13),
      '',
    ].join('\n');
    expect(parseSocketTable(text)).toEqual([
      { address: '127.0.0.1:9229', state: '0A', inode: '11' },
      { address: '[0:0:0:0:0:0:0:1]:8080', state: '0A', inode: '12' },
      { address: '127.0.0.1:80', state: '0A', inode: '13' },
    ]);
  });
});
