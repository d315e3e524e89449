/** Each start of a request of a client has its end, however the client gives it up; and bytes that come to be no request. */
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { expect, it } from 'vitest';
import { closeServer, Hearing, listenOn, until } from './test-hearing.ts';

const cancel: Readonly<Record<string, (stream: http2.ClientHttp2Stream, session: http2.ClientHttp2Session) => void>> = {
  '/close': (stream) => stream.close(),
  '/close-8': (stream) => stream.close(http2.constants.NGHTTP2_CANCEL),
  '/destroy': (stream) => void stream.destroy(),
  '/destroy-error': (stream) => void stream.destroy(new Error('no more')),
  '/session': (_stream, session) => session.destroy(),
}; // prettier-ignore

it('of HTTP/2 that its client gives up', async () => {
  using hearing = new Hearing('http.client.**', 'net.connect');
  const served: string[] = [];
  const server = http2.createServer();
  server.on('stream', (stream, headers) => {
    served.push(String(headers[':path']));
    stream.on('error', () => {});
    if (headers[':path'] === '/answered') stream.respond({ ':status': 204 }, { endStream: true });
  });
  server.on('sessionError', () => {});
  const port = await listenOn(server);
  const session = http2.connect(`http://127.0.0.1:${port}`).on('error', () => {});
  await once(session, 'connect');
  const paths = ['/answered', ...Object.keys(cancel)];
  const streams = paths.map((path) => session.request({ ':path': path }).on('error', () => {}));
  await until(() => served.length === paths.length, 'the requests');
  await once(streams[0]?.resume() ?? session, 'close');
  for (const [index, path] of paths.entries()) {
    const stream = streams[index];
    if (stream !== undefined) cancel[path]?.(stream, session);
  }
  await until(() => streams.every((stream) => stream.closed || stream.destroyed), 'the streams');
  await closeServer(server);
  const starts = hearing.of('http.client.request.start');
  const ends = hearing.of('http.client.request');
  expect(new Set(ends.map(({ path }) => path))).toEqual(new Set(paths));
  expect(ends).toHaveLength(paths.length);
  expect(new Set(ends.map(({ requestId }) => requestId))).toEqual(new Set(starts.map(({ requestId }) => requestId))); // prettier-ignore
  // Each leads to the connection.
  const [{ socketId } = {}] = hearing.of('net.connect');
  expect(socketId).toBeGreaterThan(0);
  expect(ends.every((end) => end['socketId'] === socketId)).toBe(true);
  const codes = Object.fromEntries(ends.map(({ code, path, status }) => [path, code ?? status]));
  expect(codes).toMatchObject({ '/answered': 204, '/close': 'NGHTTP2_NO_ERROR', '/close-8': 'NGHTTP2_CANCEL', '/destroy-error': 'Error' }); // prettier-ignore
  expect(codes['/destroy']).toMatch(/^NGHTTP2_/);
});

it('of HTTP/1: what a server was sent that never came to be a request is received all the same', async () => {
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

it('of HTTP/1: what came before anybody heard it is told by nobody', async () => {
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
