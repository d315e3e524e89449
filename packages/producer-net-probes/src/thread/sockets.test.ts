import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { closeServer, Hearing, listenOn, until } from './test-hearing.ts';

const opened: net.Server[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await closeServer(server);
});

/** A server whose side of the first connection is handed back. */
async function openPair(): Promise<{ client: net.Socket; served: net.Socket; port: number }> {
  const server = net.createServer({ allowHalfOpen: true });
  opened.push(server);
  const port = await listenOn(server);
  const client = net.connect(port, '127.0.0.1');
  const [served] = (await once(server, 'connection')) as [net.Socket];
  if (client.connecting) await once(client, 'connect');
  return { client, served, port };
}

it('posts net.send inside the call, once for each call, with the length handed over', async () => {
  using hearing = new Hearing('net.send');
  const { client, served } = await openPair();
  const seen: number[] = [];
  const send = (...args: unknown[]): void => {
    Reflect.apply(client.write.bind(client), undefined, args);
    seen.push(hearing.events.length);
  };
  send('thirteen byte');
  send(Buffer.alloc(14));
  send(new DataView(new ArrayBuffer(3)));
  send('c3a9', 'hex');
  send('é');
  send('é', 'latin1', () => {});
  send('', () => {});
  client.cork();
  send('corked');
  send('corked too');
  client.uncork();
  // An empty one sends nothing, here and in strace.
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 6, 7, 8]);
  client.end('the end');
  expect(hearing.values('net.send', 'len')).toEqual([13, 14, 3, 2, 2, 1, 6, 10, 7]);
  expect(hearing.values('net.send', 'wireLen').slice(0, 2)).toEqual([13, 14]);
  const [first] = hearing.of('net.send');
  expect(first).toMatchObject({ protocol: 'tcp', family: 'IPv4', layer: 'socket', aggregated: false, remoteAddress: '127.0.0.1', remotePort: client.remotePort, localPort: client.localPort }); // prettier-ignore
  served.resume().end();
  await once(client.resume(), 'close');
});

it('tells more sockets apart than it finds at once, and those that are gone from later ones', async () => {
  const server = net.createServer((socket) => socket.resume());
  opened.push(server);
  const port = await listenOn(server);
  using hearing = new Hearing('net.send');
  const connect = async (): Promise<net.Socket> => {
    const client = net.connect(port, '127.0.0.1');
    await once(client, 'connect');
    return client;
  };
  const clients: net.Socket[] = [];
  for (let i = 0; i < 300; i++) clients.push(await connect());
  const written: unknown[] = [];
  const write = (client: net.Socket): void => {
    written.push(client.localPort);
    client.write('x');
  };
  for (const client of [...clients, ...clients.toReversed(), ...clients]) write(client);
  for (const client of clients.splice(0, 150)) client.destroy();
  for (let i = 0; i < 150; i++) clients.push(await connect());
  for (const client of clients) write(client);
  expect(hearing.values('net.send', 'localPort')).toEqual(written);
  const ids = hearing.values('net.send', 'socketId');
  expect(ids.slice(300, 600)).toEqual(ids.slice(0, 300).toReversed());
  expect(new Set(ids).size).toBe(450);
  for (const client of clients) client.destroy();
});

it('posts net.send for a write before the connection, before connect() returns', async () => {
  const server = net.createServer((socket) => socket.resume());
  opened.push(server);
  const port = await listenOn(server);
  using hearing = new Hearing('net.*');
  const client = net.connect(port, '127.0.0.1');
  client.write('early');
  client.end('late');
  expect(hearing.values('net.send', 'len')).toEqual([5, 4]);
  await until(() => hearing.of('net.close').length === 2, 'both sides to close');
  const ids = new Set(hearing.events.map(({ payload }) => payload['socketId']));
  expect(ids.size).toBe(2);
  expect(hearing.of('net.connect')).toMatchObject([{ remotePort: port }]);
  expect(hearing.of('net.accept')).toMatchObject([{ localPort: port }]);
  expect(new Set(hearing.values('net.close', 'sentBytes'))).toEqual(new Set([0, 9]));
});

it('hears sockets that were opened before it started', async () => {
  const { client, served } = await openPair();
  using hearing = new Hearing('net.*');
  served.resume();
  client.write('old socket');
  await until(() => hearing.of('net.receive').length > 0, 'the bytes');
  expect(hearing.values('net.send', 'len')).toEqual([10]);
  expect(hearing.values('net.receive', 'len')).toEqual([10]);
  client.end();
  served.end();
  await until(() => hearing.of('net.close').length === 2, 'both sides to close');
});

it('posts nothing of a call that the stream refuses, and leaves its error alone', async () => {
  const { client, served } = await openPair();
  using hearing = new Hearing('net.send', 'net.error');
  expect(() => client.write(13 as never)).toThrowError(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' })); // prettier-ignore
  client.on('error', () => {});
  client.end();
  client.write('too late');
  expect(hearing.of('net.send')).toEqual([]);
  await until(() => client.closed, 'it to close');
  expect(hearing.values('net.error', 'code')).toEqual(['ERR_STREAM_WRITE_AFTER_END']);
  served.destroy();
});

it('posts net.error for a refused connection, and no net.close', async () => {
  const { client, served, port } = await openPair();
  served.destroy();
  client.destroy();
  for (const server of opened.splice(0)) await closeServer(server);
  using hearing = new Hearing('net.*');
  const refused = net.connect(port, '127.0.0.1');
  await once(refused, 'error').catch(() => {});
  await until(() => refused.closed, 'it to close');
  expect(hearing.of('net.error')).toMatchObject([{ code: 'ECONNREFUSED', syscall: 'connect', remoteAddress: '127.0.0.1', remotePort: port }]); // prettier-ignore
  expect(hearing.events).toHaveLength(1);
});

it('counts as sent what the kernel has taken, and not what waits when a socket is destroyed', async () => {
  const { client, served } = await openPair();
  using hearing = new Hearing('net.close');
  let got = 0;
  served.pause();
  for (let i = 0; i < 30; i++) client.write(Buffer.alloc(1_000_000));
  await until(() => client.writableLength > 0, 'the peer to be full');
  await new Promise((resolve) => setTimeout(resolve, 50));
  client.destroy();
  served.on('data', (chunk: Buffer) => (got += chunk.length)).on('end', () => served.destroy());
  served.resume();
  await until(() => hearing.of('net.close').length === 2, 'both sides to close');
  const sent = hearing.of('net.close').map(({ sentBytes }) => Number(sentBytes));
  // Less than what was handed over, and all of it came.
  expect(got).toBeLessThan(30_000_000);
  expect(Math.max(...sent)).toBe(got);
});

it('tells of unix sockets by their path', async () => {
  using hearing = new Hearing('net.*');
  const directory = mkdtempSync(join(tmpdir(), 'extension-events-net-'));
  const path = join(directory, 'socket');
  const server = net.createServer((socket) => socket.resume().end('hello'));
  server.listen(path);
  await once(server, 'listening');
  const client = net.connect(path);
  client.resume();
  client.write('early');
  // As http does with its socketPath.
  const second = net.connect({ path, port: 80 });
  second.resume();
  second.write('early');
  await until(() => hearing.of('net.close').length === 4, 'both sides to close');
  await closeServer(server);
  rmSync(directory, { recursive: true });
  const there = { protocol: 'pipe', family: 'unix', remoteAddress: path };
  const here = { protocol: 'pipe', localAddress: path };
  expect(hearing.of('net.connect')).toMatchObject([there, there]);
  expect(hearing.of('net.accept')).toMatchObject([here, here]);
  const early = hearing.of('net.send').filter((each) => each['remoteAddress'] !== undefined);
  expect(early).toMatchObject([
    { ...there, len: 5 },
    { ...there, len: 5 },
  ]);
  for (const payload of early) expect(payload).not.toHaveProperty('remotePort');
});

it('hears reads into a buffer of the program', async () => {
  using hearing = new Hearing('net.receive');
  const server = net.createServer((socket) => socket.end('into the buffer'));
  opened.push(server);
  const port = await listenOn(server);
  const onread = { buffer: Buffer.alloc(8), callback: () => true };
  const client = net.connect({ port, host: '127.0.0.1', onread });
  await once(client, 'close');
  expect(hearing.values('net.receive', 'len')).toEqual([8, 7]);
});
