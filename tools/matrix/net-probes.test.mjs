// The net probes on this version of Node, as the built file that is evaluated in the threads of a
// program: what they hear of one request over each protocol, and that nothing of them stays.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import dgram from 'node:dgram';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { test } from 'node:test';
import tls from 'node:tls';
import { getRegistry } from '../../packages/core/dist/index.js';

const url = new URL('../../packages/producer-net-probes/dist/thread.cjs', import.meta.url);

/** As the agent does it: with Node's built-in modules and nothing else. */
function load() {
  const module = { exports: {} };
  // oxlint-disable-next-line typescript/no-implied-eval -- what the agent does
  const evaluate = new Function('module', 'exports', 'require', readFileSync(url, 'utf8'));
  evaluate(module, module.exports, (name) => process.getBuiltinModule(name));
  return module.exports.producer;
}

const places = [net.Socket, net.Server, tls.TLSSocket, tls.Server, http.Server, http.ServerResponse, http.ClientRequest, http.OutgoingMessage, dgram.Socket].map((each) => each.prototype); // prettier-ignore
const look = () =>
  [...places, channel('http.server.request.start'), channel('undici:request:create')].map((place) =>
    Reflect.ownKeys(place).map((key) => [key, Object.getOwnPropertyDescriptor(place, key)]),
  );

async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

void test('hears every protocol, with exact sums, and leaves nothing behind', async () => {
  const before = look();
  const producer = load();
  assert.deepEqual(producer.isSupported(), { ok: true });
  const registry = getRegistry();
  const running = producer.start(registry, undefined);
  const events = [];
  const tap = registry.tap({ mode: 'probe', pattern: '**', run: ({ name, payload }) => events.push({ name, ...payload }) }); // prettier-ignore
  const of = (name) => events.filter((event) => event.name === name);

  const web = http.createServer((request, response) => request.resume().on('end', () => response.end('hello'))); // prettier-ignore
  const port = await listen(web);
  const answer = await fetch(`http://localhost:${port}/fetched`, { method: 'POST', body: 'body' });
  assert.equal(await answer.text(), 'hello');
  const multi = http2.createServer((_request, response) => response.end('hello'));
  const session = http2.connect(`http://127.0.0.1:${await listen(multi)}`);
  await once(session.request({ ':path': '/streamed' }).resume(), 'close');
  session.close();
  multi.close();
  web.closeAllConnections();
  web.close();
  const udp = dgram.createSocket('udp4');
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  udp.send('datagram', udp.address().port, '127.0.0.1');
  await once(udp, 'message');
  udp.close();
  for (const deadline = Date.now() + 30_000; of('net.close').length < 5 && Date.now() < deadline;) {
    await new Promise((resolve) => void setTimeout(resolve, 5));
  }

  assert.deepEqual(of('registry.lost'), []);
  const paths = ['/fetched', '/streamed'];
  for (const name of ['http.client.request.start', 'http.client.request', 'http.server.request.start', 'http.server.request']) {
    assert.deepEqual(of(name).map(({ path }) => path), paths, name);
  } // prettier-ignore
  assert.ok(of('dns.lookup').some(({ hostname }) => hostname === 'localhost'));
  assert.equal(of('net.accept').length, 2);
  const sum = (name, id) => of(name).filter(({ socketId }) => socketId === id).reduce((total, { len }) => total + len, 0); // prettier-ignore
  const tcp = of('net.close').filter(({ protocol }) => protocol === 'tcp');
  assert.equal(tcp.length, 4);
  for (const { socketId, sentBytes, receivedBytes } of tcp) {
    assert.deepEqual([sum('net.send', socketId), sum('net.receive', socketId)], [sentBytes, receivedBytes]); // prettier-ignore
  }
  assert.deepEqual(of('net.receive').filter(({ protocol }) => protocol === 'udp').map(({ len }) => len), [8]); // prettier-ignore
  registry.untap(tap);
  running[Symbol.dispose]();
  assert.deepEqual(look(), before);
});

const hasSockets = typeof globalThis.WebSocket === 'function';
void test("ends the request of Node's own WebSocket, and puts its methods back", { skip: !hasSockets }, async () => {
  let request;
  const remember = (message) => ({ request } = message);
  channel('undici:request:create').subscribe(remember);
  const server = http.createServer().on('upgrade', ({ headers }, socket) => {
    const accept = createHash('sha1').update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64'); // prettier-ignore
    socket.on('error', () => undefined).end(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`); // prettier-ignore
  });
  const port = await listen(server);
  const connect = async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`);
    await once(socket, 'close');
  };
  await connect();
  const methods = Object.getPrototypeOf(request);
  const before = Reflect.ownKeys(methods).map((key) => methods[key]);
  const registry = getRegistry();
  const running = load().start(registry, undefined);
  const events = [];
  const tap = registry.tap({ mode: 'probe', pattern: 'http.client.**', run: ({ name, payload }) => events.push({ name, ...payload }) }); // prettier-ignore
  await connect();
  registry.untap(tap);
  running[Symbol.dispose]();
  server.close();
  channel('undici:request:create').unsubscribe(remember);
  assert.deepEqual(events.map(({ name, path, status }) => [name, path, status]), [['http.client.request.start', '/socket', undefined], ['http.client.request', '/socket', 101]]); // prettier-ignore
  assert.deepEqual(Reflect.ownKeys(methods).map((key) => methods[key]), before);
}); // prettier-ignore
