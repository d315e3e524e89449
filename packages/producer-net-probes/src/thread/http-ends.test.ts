/** Each start of a served request has its end, however the connection goes. */
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { closeServer, Hearing, listenOn, until } from './test-hearing.ts';

const ask = (path: string, more = ''): string =>
  `GET ${path} HTTP/1.1\r\nhost: here\r\n${more}\r\n`;

const upgrade = ask('/chat', 'connection: upgrade\r\nupgrade: thing\r\n');
// Node 26 hands over a stream of its own while the body is not there.
const upgradeWithBody = ask('/chat', 'connection: upgrade\r\nupgrade: thing\r\ncontent-length: 4\r\n'); // prettier-ignore

/** A connection that says something at once. */
async function say(port: number, text: string): Promise<net.Socket> {
  const client = net.connect(port, '127.0.0.1').on('error', () => {});
  await once(client, 'connect');
  client.write(text);
  return client;
}

const startsOf = (hearing: Hearing) => hearing.values('http.server.request.start', 'requestId');
const endsOf = (hearing: Hearing) => hearing.of('http.server.request');

it('ends all requests of a connection that goes, in their order', async () => {
  using hearing = new Hearing('http.server.**');
  const handled: unknown[] = [];
  const server = http.createServer(({ url }, response) => {
    handled.push(url);
    if (url === '/answered') response.writeHead(204).end();
    // It waits for its turn, with a head that is made.
    if (url === '/waits') response.writeHead(201).end('b');
  });
  const port = await listenOn(server);
  const client = await say(port, ['/answered', '/slow', '/waits', '/open'].map((path) => ask(path)).join('')); // prettier-ignore
  await until(() => handled.length === 4, 'the requests');
  client.destroy();
  await closeServer(server);
  expect(endsOf(hearing)).toMatchObject([
    { path: '/answered', status: 204, isAborted: false },
    { path: '/slow', isAborted: true },
    { path: '/waits', isAborted: true, status: 201 },
    { path: '/open', isAborted: true },
  ]);
  expect(hearing.values('http.server.request', 'requestId')).toEqual(startsOf(hearing));
  expect(endsOf(hearing).every(({ durationNs }) => Number(durationNs) > 0)).toBe(true);
});

it('ends a request that the parser had in hand when the program destroyed the socket', async () => {
  using hearing = new Hearing('http.server.**');
  const server = http.createServer((request) => request.socket.destroy());
  const port = await listenOn(server);
  await once((await say(port, ask('/one') + ask('/two'))).resume(), 'close');
  await closeServer(server);
  expect(startsOf(hearing).length).toBeGreaterThan(0);
  expect(hearing.values('http.server.request', 'requestId')).toEqual(startsOf(hearing));
});

it('does not end what was answered while nobody heard it', async () => {
  const server = http.createServer(({ url }, response) => {
    if (url === '/open') return;
    setImmediate(() => {
      heard?.[Symbol.dispose]();
      response.end('hello');
    });
  });
  const port = await listenOn(server);
  using hearing = new Hearing('http.server.request.start');
  let heard: Disposable | undefined = hearEnds(hearing);
  const client = await say(port, ask('/answered'));
  await once(client, 'data');
  heard = hearEnds(hearing);
  client.write(ask('/open'));
  await until(() => startsOf(hearing).length === 2, 'the second request');
  client.destroy();
  await closeServer(server);
  expect(endsOf(hearing)).toMatchObject([{ path: '/open', isAborted: true }]);
});

/** Hears ends until it is disposed. */
function hearEnds({ registry, events }: Hearing): Disposable {
  const tap = registry.tap({ mode: 'probe', pattern: 'http.server.request', run: (event) => void events.push(event) }); // prettier-ignore
  return { [Symbol.dispose]: () => registry.untap(tap) };
}

it.each([
  ['upgrade', upgrade],
  ['upgrade', upgradeWithBody],
  ['connect', 'CONNECT there:1 HTTP/1.1\r\nhost: there:1\r\n\r\n'],
] as const)('ends a request when the program has been told of it: %s', async (type, text) => {
  using hearing = new Hearing('http.server.**');
  const before: number[] = [];
  const server = http.createServer().on(type, (_request: unknown, socket: Duplex) => {
    before.push(startsOf(hearing).length, endsOf(hearing).length);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  const port = await listenOn(server);
  await once((await say(port, text)).resume(), 'close');
  await closeServer(server);
  expect(before).toEqual([1, 0]);
  const [start] = hearing.of('http.server.request.start');
  expect(endsOf(hearing)).toEqual([
    { ...start, isAborted: false, durationNs: expect.any(Number) as number },
  ]);
});

it('ends an upgrade when ends alone are heard, also when its handler throws', async () => {
  using hearing = new Hearing('http.server.request');
  const failure = new Error('of the program');
  const server = http.createServer().on('upgrade', (_request, socket) => {
    socket.destroy();
    throw failure;
  });
  const thrown: unknown[] = [];
  const emit = server.emit.bind(server) as (...args: unknown[]) => boolean;
  server.emit = (...args: unknown[]): boolean => {
    try {
      return emit(...args);
    } catch (error) {
      thrown.push(error);
      return true;
    }
  };
  const port = await listenOn(server);
  await once((await say(port, upgrade)).resume(), 'close');
  await closeServer(server);
  expect(thrown).toEqual([failure]);
  expect(endsOf(hearing)).toMatchObject([{ path: '/chat', isAborted: false }]);
});

it('still ends what came before an upgrade on its connection', async () => {
  using hearing = new Hearing('http.server.**');
  const server = http.createServer(() => {});
  server.on('upgrade', (_request, socket) => socket.destroy());
  const port = await listenOn(server);
  const text = ask('/slow') + upgrade;
  await once((await say(port, text)).resume(), 'close');
  await closeServer(server);
  expect(endsOf(hearing)).toMatchObject([
    { path: '/slow', isAborted: true },
    { path: '/chat', isAborted: false },
  ]);
  expect(hearing.values('http.server.request', 'requestId')).toEqual(startsOf(hearing));
});

it('has no status where there was no head of a response', async () => {
  using hearing = new Hearing('http.server.**');
  const server = http.createServer(({ url, socket }, response) => {
    if (url === '/destroys') socket.destroy();
    if (url === '/begins') response.writeHead(206).write('half');
    if (url === '/informs') response.writeProcessing();
  });
  const port = await listenOn(server);
  await once((await say(port, ask('/destroys'))).resume(), 'close');
  const left = await say(port, ask('/left'));
  await until(() => startsOf(hearing).length === 2, 'the second request');
  left.destroy();
  for (const path of ['/begins', '/informs']) {
    const client = await say(port, ask(path));
    await once(client, 'data');
    client.destroy();
    await until(() => endsOf(hearing).some((each) => each['path'] === path), 'the end');
  }
  await closeServer(server);
  expect(endsOf(hearing).map(({ path, isAborted, status }) => [path, isAborted, status])).toEqual([
    ['/destroys', true, undefined],
    ['/left', true, undefined],
    ['/begins', true, 206],
    ['/informs', true, undefined],
  ]);
  expect(endsOf(hearing).filter((each) => 'status' in each)).toHaveLength(1);
});

it('has no status where there was no head of a response: HTTP/2', async () => {
  using hearing = new Hearing('http.server.**');
  const server = http2.createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    const { ':path': path } = headers;
    if (path === '/closes') stream.close();
    if (path === '/destroys') stream.session?.destroy();
    if (path === '/begins') stream.respond({ ':status': 206 });
    if (path === '/answers') stream.respond({ ':status': 204 }, { endStream: true });
  });
  const port = await listenOn(server);
  const paths = ['/answers', '/closes', '/destroys', '/left', '/begins'];
  for (const path of paths) {
    const session = http2.connect(`http://127.0.0.1:${port}`).on('error', () => {});
    const stream = session.request({ ':path': path }).on('error', () => {});
    stream.resume();
    if (path === '/begins') await once(stream, 'response');
    await until(() => startsOf(hearing).length > paths.indexOf(path), 'the request');
    if (path === '/left' || path === '/begins') session.destroy();
    await until(() => endsOf(hearing).some((each) => each['path'] === path), 'the end');
    session.destroy();
  }
  await closeServer(server);
  expect(endsOf(hearing).map(({ path, isAborted, status }) => [path, isAborted, status])).toEqual([
    ['/answers', false, 204],
    ['/closes', true, undefined],
    ['/destroys', true, undefined],
    ['/left', true, undefined],
    ['/begins', true, 206],
  ]);
  expect(endsOf(hearing).filter((each) => 'status' in each)).toHaveLength(2);
  expect(hearing.values('http.server.request', 'requestId')).toEqual(startsOf(hearing));
});
