/**
 * For tests: a program that has the functions of Node's modules by every way of importing them, each
 * bound before the probes start and after. It uses each and prints what was heard, as JSON.
 */
import * as dgramSpace from 'node:dgram';
import { createSocket } from 'node:dgram';
import * as dnsSpace from 'node:dns';
import { lookup } from 'node:dns';
import { lookup as promisedLookup } from 'node:dns/promises';
import { once } from 'node:events';
import * as httpSpace from 'node:http';
import { createServer as createHttpServer, request } from 'node:http';
import { createRequire } from 'node:module';
import * as netSpace from 'node:net';
import { connect, createConnection, createServer, Socket } from 'node:net';
import * as tlsSpace from 'node:tls';
import { connect as tlsConnect, createServer as createTlsServer } from 'node:tls';
import { certificate } from './test-certificate.ts';
import { Hearing, until } from './test-hearing.ts';

interface Functions {
  readonly connect: typeof connect;
  readonly createConnection: typeof createConnection;
  readonly createServer: typeof createServer;
  readonly Socket: typeof Socket;
  readonly request: typeof request;
  readonly createHttpServer: typeof createHttpServer;
  readonly lookup: typeof lookup;
  readonly promisedLookup: typeof promisedLookup;
  readonly createSocket: typeof createSocket;
  readonly tlsConnect: typeof tlsConnect;
  readonly createTlsServer: typeof createTlsServer;
}

const named: Functions = { connect, createConnection, createServer, Socket, request, createHttpServer, lookup, promisedLookup, createSocket, tlsConnect, createTlsServer }; // prettier-ignore
const pick = (net: typeof netSpace, http: typeof httpSpace, dns: typeof dnsSpace, dgram: typeof dgramSpace, tls: typeof tlsSpace): Functions => ({
  connect: net.connect,
  createConnection: net.createConnection,
  createServer: net.createServer,
  Socket: net.Socket,
  request: http.request,
  createHttpServer: http.createServer,
  lookup: dns.lookup,
  promisedLookup: dns.promises.lookup,
  createSocket: dgram.createSocket,
  tlsConnect: tls.connect,
  createTlsServer: tls.createServer,
}); // prettier-ignore

const require = createRequire(import.meta.url);
// oxlint-disable no-shadow -- a program writes it that way
function destructure(): Functions {
  const { connect, createConnection, createServer, Socket } = require('node:net') as typeof netSpace; // prettier-ignore
  const { request, createServer: createHttpServer } = require('node:http') as typeof httpSpace;
  const { lookup, promises } = require('node:dns') as typeof dnsSpace;
  const { createSocket } = require('node:dgram') as typeof dgramSpace;
  const { connect: tlsConnect, createServer: createTlsServer } = require('node:tls') as typeof tlsSpace; // prettier-ignore
  return { connect, createConnection, createServer, Socket, request, createHttpServer, lookup, promisedLookup: promises.lookup, createSocket, tlsConnect, createTlsServer }; // prettier-ignore
}
// oxlint-enable no-shadow
const importAnew = async (): Promise<Functions> =>
  pick(
    ...((await Promise.all(['net', 'http', 'dns', 'dgram', 'tls'].map((name) => import(`node:${name}`)))) as Parameters<typeof pick>), // prettier-ignore
  );

const before = { named, namespace: pick(netSpace, httpSpace, dnsSpace, dgramSpace, tlsSpace), destructured: destructure() }; // prettier-ignore
const servers = { before: before.named.createServer(), socket: new before.named.Socket() };

const hearing = new Hearing('net.*', 'http.**', 'dns.lookup', 'tls.handshake');
const after = { namespace: await importAnew(), destructured: destructure() };
servers.socket.destroy();
servers.before.close();

async function use(functions: Functions): Promise<Record<string, number>> {
  hearing.events.length = 0;
  const server = functions.createServer((socket) => socket.resume().end('hello'));
  const port = await listen(server);
  for (const open of [functions.connect, functions.createConnection]) await finish(open(port, '127.0.0.1')); // prettier-ignore
  await finish(new functions.Socket().connect(port, '127.0.0.1'));
  server.close();
  const web = functions.createHttpServer((_request, response) => response.end('hello'));
  const get = functions.request({ port: await listen(web), host: '127.0.0.1', agent: false });
  get.end();
  const [response] = (await once(get, 'response')) as [httpSpace.IncomingMessage];
  await once(response.resume(), 'close');
  web.close();
  await new Promise((resolve) => functions.lookup('localhost', resolve));
  await functions.promisedLookup('localhost');
  const secure = functions.createTlsServer(certificate, (socket) => socket.resume().end('hello'));
  await finish(functions.tlsConnect({ port: await listen(secure), host: '127.0.0.1', ca: certificate.cert, servername: 'localhost' })); // prettier-ignore
  secure.close();
  const datagrams = functions.createSocket('udp4');
  datagrams.bind(0, '127.0.0.1');
  await once(datagrams, 'listening');
  datagrams.send('datagram', datagrams.address().port, '127.0.0.1');
  await once(datagrams, 'message');
  datagrams.close();
  await until(() => hearing.of('net.close').length === 11, 'all to close');
  const counts: Record<string, number> = {};
  for (const { name } of hearing.events) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

async function listen(server: netSpace.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as netSpace.AddressInfo).port;
}

async function finish(socket: Socket): Promise<void> {
  socket.resume().end('thirteen byte');
  await once(socket, 'close');
}

const found: Record<string, Record<string, number>> = {};
for (const [way, functions] of Object.entries(before))
  found[`${way} before`] = await use(functions);
for (const [way, functions] of Object.entries(after)) found[`${way} after`] = await use(functions);
hearing[Symbol.dispose]();
console.log(JSON.stringify(found));
