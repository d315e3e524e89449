import dgram from 'node:dgram';
import dns, { lookup } from 'node:dns';
import { once } from 'node:events';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { closeServer, Hearing, listenOn, until } from './test-hearing.ts';
import { certificate } from './test-certificate.ts';

const sum = (payloads: readonly Record<string, unknown>[], field: string): number =>
  payloads.reduce((total, payload) => total + Number(payload[field] ?? 0), 0);

it('tells of a TLS connection what was handed over and what went over the wire', async () => {
  using hearing = new Hearing('net.*', 'tls.handshake');
  const server = tls.createServer(certificate, (socket) => {
    socket.on('data', (bytes) => bytes.length === 13 && socket.end('the end'));
  });
  const port = await listenOn(server);
  const client = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: certificate.cert }); // prettier-ignore
  await once(client, 'secureConnect');
  // The first carries the end of the handshake along.
  await new Promise((resolve) => void client.write('first', resolve));
  client.write('x'.repeat(13));
  const [sent] = hearing.of('net.send').slice(-1);
  expect(sent).toMatchObject({ len: 13, layer: 'tls', wireLen: 35 });
  await once(client.resume(), 'close');
  await closeServer(server);
  expect(hearing.of('tls.handshake').toSorted((a) => (a['isServer'] === true ? 1 : -1))).toMatchObject([
    { isServer: false, servername: 'localhost', version: 'TLSv1.3', isAuthorized: true, isResumed: false },
    { isServer: true, servername: 'localhost', version: 'TLSv1.3', durationNs: expect.any(Number) },
  ]);
  expect(hearing.of('net.receive')).toMatchObject([{ len: 5, layer: 'tls', localPort: port }, { len: 13 }, { len: 7, remotePort: port }]);
  // One id for the TLS socket and the one below it, and one close.
  expect(new Set(hearing.events.map(({ payload }) => payload['socketId'])).size).toBe(2);
  expect(hearing.of('net.close')).toHaveLength(2);
}); // prettier-ignore

it('follows https', async () => {
  using hearing = new Hearing('http.**', 'net.*');
  const server = https.createServer(certificate, (request, response) => {
    request.resume().on('end', () => response.end('hello'));
  });
  const port = await listenOn(server);
  const request = https.request({ port, host: '127.0.0.1', servername: 'localhost', ca: certificate.cert, agent: false, method: 'POST' }); // prettier-ignore
  request.end('body');
  const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
  expect(await text(response)).toBe('hello');
  await closeServer(server);
  await until(() => hearing.of('net.close').length === 2, 'both sides to close');
  expect(hearing.of('http.client.request.start')).toMatchObject([{ protocol: 'https' }]);
  expect(hearing.of('http.server.request.start')).toMatchObject([
    { protocol: 'https', method: 'POST' },
  ]);
  expect(hearing.of('http.server.request')).toMatchObject([{ status: 200 }]);
  const sent = (port_: string) => hearing.of('net.send').filter((each) => each[port_] === port);
  const received = (port_: string) => hearing.of('net.receive').filter((each) => each[port_] === port); // prettier-ignore
  expect(sum(sent('localPort'), 'len')).toBe(sum(received('remotePort'), 'len'));
  expect(sum(sent('remotePort'), 'len')).toBe(sum(received('localPort'), 'len'));
});

it('follows HTTP/2, with the bytes of its sockets', async () => {
  using hearing = new Hearing('http.**', 'net.*');
  const server = http2.createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(202).end('hello'));
  });
  const port = await listenOn(server);
  const session = http2.connect(`http://127.0.0.1:${port}`);
  for (const path of ['/one', '/two']) {
    const stream = session.request({ ':path': path, ':method': 'POST' });
    stream.end('some body');
    expect(await text(stream)).toBe('hello');
  }
  session.close();
  await once(session, 'close');
  await closeServer(server);
  await until(() => hearing.of('net.close').length === 2, 'both sides to close');
  const [one, two] = hearing.values('http.client.request.start', 'requestId');
  expect(hearing.of('http.client.request.start')).toMatchObject([
    { library: 'http2', method: 'POST', path: '/one', httpVersion: '2.0', host: `127.0.0.1:${port}` },
    { library: 'http2', path: '/two' },
  ]); // prettier-ignore
  expect(hearing.of('http.client.request')).toMatchObject([{ requestId: one, status: 202 }, { requestId: two, status: 202 }]); // prettier-ignore
  expect(hearing.of('http.server.request')).toMatchObject([{ path: '/one', status: 202, isAborted: false }, { path: '/two' }]); // prettier-ignore
  for (const closed of hearing.of('net.close')) {
    const ofSocket = (name: string) => hearing.of(name).filter((each) => each['socketId'] === closed['socketId']); // prettier-ignore
    expect(sum(ofSocket('net.send'), 'len')).toBe(closed['sentBytes']);
    expect(sum(ofSocket('net.receive'), 'len')).toBe(closed['receivedBytes']);
    expect(ofSocket('net.send').every((each) => each['aggregated'])).toBe(true);
  }
});

it('hears datagrams, also those that wait for their socket to be bound', async () => {
  using hearing = new Hearing('net.*');
  const receiver = dgram.createSocket('udp4');
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address();
  const sender = dgram.createSocket('udp4');
  sender.send('thirteen byte', port, '127.0.0.1');
  sender.send(Buffer.from('abcdef'), 1, 3, port);
  expect(hearing.values('net.send', 'len')).toEqual([13, 3]);
  await until(() => hearing.of('net.receive').length === 2, 'the datagrams');
  sender.connect(port, '127.0.0.1');
  await once(sender, 'connect');
  sender.send(['two ', Buffer.from('parts')]);
  await until(() => hearing.of('net.receive').length === 3, 'the third');
  expect(hearing.of('net.send')).toMatchObject([
    { len: 13, protocol: 'udp', remotePort: port, remoteAddress: '127.0.0.1' },
    { len: 3, protocol: 'udp', remotePort: port, remoteAddress: '127.0.0.1' },
    { len: 9, protocol: 'udp', remotePort: port, remoteAddress: '127.0.0.1' },
  ]);
  expect(hearing.of('net.receive')).toMatchObject([{ len: 13, localPort: port }, { len: 3 }, { len: 9 }]); // prettier-ignore
  expect(hearing.of('net.connect')).toMatchObject([{ protocol: 'udp', remotePort: port }]);
  sender.close();
  receiver.close();
  expect(hearing.of('net.close')).toHaveLength(2);
});

it('hears look-ups, whichever function began them', async () => {
  using hearing = new Hearing('dns.lookup', 'net.connect');
  await new Promise((resolve) => lookup('localhost', resolve));
  await dns.promises.lookup('localhost', { all: true, family: 4 });
  await new Promise((resolve) => lookup('no-such-name.invalid', resolve));
  const resolver = new dns.promises.Resolver({ timeout: 200, tries: 1 });
  const nowhere = dgram.createSocket('udp4');
  nowhere.bind(0, '127.0.0.1');
  await once(nowhere, 'listening');
  resolver.setServers([`127.0.0.1:${nowhere.address().port}`]);
  await expect(resolver.resolveMx('example.test')).rejects.toThrow('queryMx');
  nowhere.close();
  const [first, second, third, fourth] = hearing.of('dns.lookup');
  expect(first).toMatchObject({ hostname: 'localhost', query: 'lookup', answerCount: expect.any(Number) }); // prettier-ignore
  expect(second).toMatchObject({ addresses: '127.0.0.1', answerCount: 1 });
  expect(third).toMatchObject({ hostname: 'no-such-name.invalid', code: expect.any(String) });
  expect(fourth).toMatchObject({ hostname: 'example.test', query: 'MX', code: 'ETIMEOUT' });
  const server = net.createServer((socket) => socket.end());
  const port = await listenOn(server);
  const client = net.connect(port, 'localhost');
  await once(client.resume(), 'close');
  await closeServer(server);
  expect(hearing.of('net.connect')).toMatchObject([{ host: 'localhost', remotePort: port }]);
});
