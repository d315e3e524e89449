/** Bytes that the parser of HTTP/1 takes, of which no request comes to be. */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { expect, it } from 'vitest';
import { closeServer, Hearing, listenOn, until } from './test-hearing.ts';

it('are received all the same', async () => {
  using hearing = new Hearing('net.*', 'http.server.**');
  const server = http.createServer((_request, response) => response.end());
  const port = await listenOn(server);
  const texts = ['BLAH nonsense\r\n\r\n', 'GET / HTTP/1.1\r\nHost: h'];
  for (const text of texts) {
    const client = net.connect(port, '127.0.0.1').on('error', () => {});
    await once(client, 'connect');
    client.end(text);
    await once(client.resume(), 'close');
  }
  await until(() => hearing.of('net.close').length === 2 * texts.length, 'the ends');
  await closeServer(server);
  const received = hearing.of('net.receive').filter(({ localPort }) => localPort === port);
  expect(received.map(({ len }) => len)).toEqual(texts.map(({ length }) => length));
  const closed = hearing.of('net.close').filter(({ localPort }) => localPort === port);
  expect(closed.map(({ receivedBytes }) => receivedBytes)).toEqual(texts.map(({ length }) => length)); // prettier-ignore
  expect(hearing.of('http.server.request')).toEqual([]);
});

it('are told by nobody when they came before anybody heard them', async () => {
  using hearing = new Hearing('net.accept', 'net.close');
  const server = http.createServer((_request, response) => response.end());
  const port = await listenOn(server);
  const client = net.connect(port, '127.0.0.1').on('error', () => {});
  await once(client, 'connect');
  client.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  await once(client, 'data');
  hearing.hear('net.receive');
  client.end('NO');
  await once(client.resume(), 'close');
  await until(() => hearing.of('net.close').length === 2, 'the ends');
  await closeServer(server);
  const received = hearing.of('net.receive').filter(({ localPort }) => localPort === port);
  expect(received.every(({ len }) => Number(len) <= 2)).toBe(true);
});
