import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import fastify from 'fastify';
import { Agent, request as undiciRequest } from 'undici';
import { expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { closeServer, Hearing, listenOn, until } from './test-hearing.ts';

async function get(port: number, options: http.RequestOptions = {}, body = ''): Promise<string> {
  const request = http.request({ port, host: '127.0.0.1', ...options });
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  return text(response);
}

it('follows a request from client to server and back', async () => {
  using hearing = new Hearing('http.**', 'net.*');
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(201).end('hello'));
  });
  const port = await listenOn(server);
  const agent = new http.Agent({ keepAlive: true });
  expect(await get(port, { path: '/first?a=1', method: 'POST', agent }, 'x'.repeat(5))).toBe('hello');
  expect(await get(port, { path: '/second', agent })).toBe('hello');
  agent.destroy();
  await closeServer(server);
  await until(() => hearing.of('net.close').length === 2, 'both sides to close');
  const requests = hearing.of('http.client.request.start');
  expect(requests).toMatchObject([
    { method: 'POST', path: '/first?a=1', host: `127.0.0.1:${port}`, library: 'http', protocol: 'http' },
    { method: 'GET', path: '/second' },
  ]);
  expect(hearing.of('http.client.request')).toMatchObject([
    { requestId: requests[0]?.['requestId'], status: 201, httpVersion: '1.1', path: '/first?a=1' },
    { requestId: requests[1]?.['requestId'], status: 201 },
  ]);
  const served = hearing.of('http.server.request.start');
  expect(served).toMatchObject([{ method: 'POST', path: '/first?a=1', remoteAddress: '127.0.0.1', localPort: port }, { path: '/second' }]);
  expect(hearing.of('http.server.request')).toMatchObject([
    { requestId: served[0]?.['requestId'], status: 201, isAborted: false },
    { requestId: served[1]?.['requestId'], status: 201 },
  ]);
  // One connection: both ids lead to the events of its sockets.
  const [accepted] = hearing.values('net.accept', 'socketId');
  expect(hearing.values('http.server.request.start', 'socketId')).toEqual([accepted, accepted]);
  const [connected] = hearing.values('net.connect', 'socketId');
  expect(hearing.values('http.client.request', 'socketId')).toEqual([connected, connected]);
  for (const id of [accepted, connected]) {
    const ofSocket = (name: string) => hearing.of(name).filter((each) => each['socketId'] === id);
    const [closed] = ofSocket('net.close');
    const sum = (name: string) => ofSocket(name).reduce((total, { len }) => total + Number(len), 0);
    expect(sum('net.send')).toBe(closed?.['sentBytes']);
    // Node writes an empty text after each response, to be called back: nothing was sent.
    expect(ofSocket('net.send').every(({ len }) => Number(len) > 0)).toBe(true);
    expect(sum('net.receive')).toBe(closed?.['receivedBytes']);
  }
  expect(hearing.of('net.receive').filter((each) => each['aggregated'])).toHaveLength(2);
  const order = hearing.events.map(({ name }) => name);
  expect(order.indexOf('net.receive')).toBeLessThan(order.indexOf('http.server.request.start'));
}); // prettier-ignore

it('tells of a request that was in a connection from before', async () => {
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => response.end('hello'));
  });
  const port = await listenOn(server);
  const agent = new http.Agent({ keepAlive: true });
  await get(port, { agent });
  const client = net.connect(port, '127.0.0.1');
  const head = 'POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 4\r\n\r\n';
  client.write(head);
  await new Promise((resolve) => void setImmediate(resolve));
  using hearing = new Hearing('http.server.*', 'net.receive');
  const sent = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: keep-alive\r\n\r\n`;
  await get(port, { agent });
  expect(hearing.of('http.server.request')).toHaveLength(1);
  expect(hearing.of('net.receive').filter((each) => each['aggregated'])).toMatchObject([{ len: sent.length }]); // prettier-ignore
  client.end('body');
  await once(client.resume(), 'close');
  agent.destroy();
  await closeServer(server);
});

it('tells of failed and of aborted requests', async () => {
  using hearing = new Hearing('http.**');
  const server = http.createServer((_request, response) => {
    response.writeHead(200, { 'content-length': 10 }).write('half');
    setImmediate(() => response.socket?.destroy());
  });
  const port = await listenOn(server);
  await expect(get(port)).rejects.toThrow('aborted');
  await closeServer(server);
  expect(hearing.of('http.server.request')).toMatchObject([{ isAborted: true, status: 200 }]);
  await expect(get(port)).rejects.toThrow('ECONNREFUSED');
  expect(hearing.of('http.client.request')).toMatchObject([{ status: 200 }, { code: 'ECONNREFUSED' }]); // prettier-ignore
});

it.runIf(typeof globalThis.WebSocket === 'function')("ends the request of Node's own WebSocket with the upgrade", async () => {
  using hearing = new Hearing('http.client.**');
  const server = http.createServer();
  const sockets = new WebSocketServer({ server });
  const port = await listenOn(server);
  const socket = new globalThis.WebSocket(`ws://127.0.0.1:${port}/here`);
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  const [start] = hearing.of('http.client.request.start');
  expect(hearing.of('http.client.request')).toMatchObject([{ requestId: start?.['requestId'], library: 'undici', path: '/here', status: 101 }]);
  socket.close();
  await new Promise((resolve) => socket.addEventListener('close', resolve));
  sockets.close();
  await closeServer(server);
}); // prettier-ignore

it('hears fastify, undici and fetch', async () => {
  using hearing = new Hearing('http.**');
  const app = fastify();
  app.post('/echo', (request) => request.body);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as net.AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' } as const; // prettier-ignore
  const dispatcher = new Agent();
  const first = await undiciRequest(`${origin}/echo?u`, { ...options, dispatcher });
  expect(await first.body.json()).toEqual({ a: 1 });
  const second = await fetch(`${origin}/echo?f`, options);
  expect(await second.json()).toEqual({ a: 1 });
  await dispatcher.close();
  await app.close();
  await expect(fetch(origin)).rejects.toThrow('fetch failed');
  const host = `127.0.0.1:${port}`;
  expect(hearing.of('http.client.request.start')).toMatchObject([
    { library: 'undici', method: 'POST', host, path: '/echo?u', protocol: 'http' },
    { library: 'undici', method: 'POST', host, path: '/echo?f' },
    { library: 'undici', method: 'GET', path: '/' },
  ]);
  const [one, two, three] = hearing.values('http.client.request.start', 'requestId');
  expect(hearing.of('http.client.request')).toMatchObject([
    { requestId: one, status: 200, socketId: expect.any(Number) },
    { requestId: two, status: 200, socketId: expect.any(Number) },
    { requestId: three, code: expect.any(String) },
  ]);
  expect(hearing.values('http.server.request.start', 'path')).toEqual(['/echo?u', '/echo?f']);
  expect(hearing.values('http.server.request', 'status')).toEqual([200, 200]);
});

it('hears web sockets: the upgrade, and each frame', async () => {
  using hearing = new Hearing('http.**', 'net.*');
  const server = http.createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
  const port = await listenOn(server);
  const client = new WebSocket(`ws://127.0.0.1:${port}/chat`);
  await once(client, 'open');
  hearing.events.splice(0, hearing.events.findIndex(({ name }) => name === 'net.connect')); // prettier-ignore
  client.send('x'.repeat(13));
  const sent = hearing.of('net.send').slice(-2);
  expect(sent).toMatchObject([{ len: 6 }, { len: 13 }]);
  await once(client, 'message');
  client.close();
  await once(client, 'close');
  sockets.close();
  await closeServer(server);
  await until(() => hearing.of('net.close').length === 2, 'both sides to close');
  expect(hearing.of('http.server.request.start')).toMatchObject([{ method: 'GET', path: '/chat' }]);
  expect(hearing.of('http.server.request')).toMatchObject([{ path: '/chat', isAborted: false }]);
  expect(hearing.of('http.client.request')).toMatchObject([{ status: 101 }]);
  const [closed] = hearing.of('net.close').filter(({ localPort }) => localPort === port);
  const received = hearing.of('net.receive').filter(({ localPort }) => localPort === port);
  expect(received.reduce((total, { len }) => total + Number(len), 0)).toBe(closed?.['receivedBytes']); // prettier-ignore
});
