/**
 * For tests: traffic of every kind, on sockets that stay open until the end, so that no descriptor
 * is used twice. Prints the events of the network as JSON; a second tool watches the system calls.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';
import { certificate } from './test-certificate.ts';
import { Hearing, listenOn, until } from './test-hearing.ts';

const [, , file = ''] = process.argv;
const hearing = new Hearing('net.*');
const portOf: Record<string, number> = {};

// Plain: each write is a system call of its own, of a prime number of bytes.
const plain = net.createServer((socket) => socket.resume());
portOf['plain'] = await listenOn(plain);
const client = net.connect(portOf['plain'], '127.0.0.1');
await once(client, 'connect');
for (const length of [2, 3, 5, 7, 11, 13, 13, 17, 19]) {
  await new Promise((resolve) => void client.write(Buffer.alloc(length), resolve));
}

const secure = tls.createServer(certificate, (socket) => socket.on('data', (data) => socket.write(data))); // prettier-ignore
portOf['tls'] = await listenOn(secure);
const secret = tls.connect({ port: portOf['tls'], host: '127.0.0.1', ca: certificate.cert, servername: 'localhost' }); // prettier-ignore
await once(secret, 'secureConnect');
for (const length of [13, 1000, 20_000]) {
  let got = 0;
  secret.write(Buffer.alloc(length));
  while (got < length) got += ((await once(secret, 'data')) as [Buffer])[0].length;
}

const web = http.createServer((request, response) => {
  request.resume().on('end', () => response.end('x'.repeat(1013)));
});
web.keepAliveTimeout = 60_000;
portOf['http'] = await listenOn(web);
const agent = new http.Agent({ keepAlive: true });
for (const length of [0, 13, 70_000]) {
  const request = http.request({ port: portOf['http'], host: '127.0.0.1', agent, method: 'POST' });
  request.end(Buffer.alloc(length));
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  await once(response.resume(), 'end');
  await new Promise((resolve) => void setImmediate(resolve));
}

const multi = http2.createServer((request, response) => {
  request.resume().on('end', () => response.end('x'.repeat(1013)));
});
portOf['http2'] = await listenOn(multi);
const session = http2.connect(`http://127.0.0.1:${portOf['http2']}`);
for (const length of [13, 70_000]) {
  const stream = session.request({ ':method': 'POST' });
  stream.end(Buffer.alloc(length));
  await once(stream.resume(), 'close');
}

client.destroy();
secret.destroy();
agent.destroy();
session.close();
for (const server of [plain, secure, web, multi]) server.close();
web.closeAllConnections();
await until(() => hearing.of('net.close').length >= 8, 'all sockets to close');
writeFileSync(file, JSON.stringify({ portOf, events: hearing.events.map(({ name, payload }) => ({ name, ...payload })) })); // prettier-ignore
