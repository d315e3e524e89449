/** Each start of a request of a client has its end, however the client gives it up. */
import { once } from 'node:events';
import http2 from 'node:http2';
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
