// Libraries as they come from npm, loaded before the producer: what they publish is heard by name, without a line for any of them.
import { createServer as createHttpServer, get, type Server } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net';
import { Writable } from 'node:stream';
import fastify from 'fastify';
import { H3 } from 'h3';
import { tracingPlugin } from 'h3/tracing';
import { Redis } from 'ioredis';
import mysql from 'mysql2';
import { pino } from 'pino';
import { request } from 'undici';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { getRegistry, type PostedEvent } from '@extension-events/core';
import { createChannelProducer } from './index.ts';
import type { RunningChannels } from './index.ts';

const registry = getRegistry();
let running: RunningChannels;
const open: (() => unknown)[] = [];
beforeEach(() => void (running = createChannelProducer().start(registry)));
afterEach(async () => {
  for (const end of open.splice(0).toReversed()) await end();
  running[Symbol.dispose]();
});

/** Payloads of one name from now on. */
function hear(name: string): PostedEvent['payload'][] {
  const heard: PostedEvent['payload'][] = [];
  running.provide(name);
  const tap = registry.tap({ mode: 'probe', pattern: name, run: ({ payload }: PostedEvent) => void heard.push(payload) }); // prettier-ignore
  open.push(() => registry.untap(tap));
  return heard;
}

async function listenOn(server: Server | NetServer): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  open.push(() => new Promise((resolve) => void server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

it("Node's own", async () => {
  const port = await listenOn(createHttpServer((_, response) => void response.end('ok')));
  const started = hear('channel:http.client.request.start');
  const served = hear('channel:http.server.request.start');
  await new Promise((resolve) => void get({ port, path: '/a', agent: false }, (response) => void response.resume().on('end', resolve))); // prettier-ignore
  expect(started).toMatchObject([{ request_method: 'GET', request_protocol: 'http:' }]);
  expect(served).toMatchObject([{ request_method: 'GET', request_url: '/a' }]);
});

it('fastify and undici', async () => {
  const app = fastify();
  app.get('/slow/:id', async () => {
    await new Promise((resolve) => void setTimeout(resolve, 20));
    return { ok: true };
  });
  app.get('/broken', async () => {
    throw new RangeError('no such order');
  });
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  open.push(() => app.close());
  const handled = hear('channel:tracing:fastify.request.handler');
  const created = hear('channel:undici:request:create');
  for (const path of ['/slow/7', '/broken']) await (await request(origin + path)).body.dump();
  expect(created).toMatchObject([{ request_method: 'GET', request_path: '/slow/7' }, { request_path: '/broken' }]); // prettier-ignore
  const ended = handled.filter(({ phase }) => phase === 'asyncEnd');
  expect(ended).toMatchObject([{ route_url: '/slow/:id', route_method: 'GET', failed: false, settled: true }, { route_url: '/broken', failed: true, error_message: 'no such order' }]); // prettier-ignore
  expect(ended[0]?.['durationMs']).toBeGreaterThan(10);
});

it('pino', () => {
  const lines: string[] = [];
  const stream = new Writable({ write: (chunk: Buffer, _, done) => (lines.push(chunk.toString()), done()) }); // prettier-ignore
  const log = pino(stream);
  const heard = hear('channel:tracing:pino_asJson');
  log.info({ order: 13 }, 'shipped');
  expect(heard).toMatchObject([{ phase: 'end', settled: true, failed: false, arguments_1: 'shipped' }]); // prettier-ignore
  expect(String(heard[0]?.['result'])).toBe(lines[0]);
});

it('mysql2', async () => {
  // Its server side complains of the numbers of its packets, on stderr.
  const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  open.push(() => complaints.mockRestore());
  const server = (mysql.createServer as () => ReturnType<typeof mysql.createServer>)();
  server.on('connection', (connection) => {
    connection.serverHandshake({ protocolVersion: 10, serverVersion: '8.0.0-test', connectionId: 1, statusFlags: 2, characterSet: 8, capabilityFlags: 0xff_ff_f7_df }); // prettier-ignore
    connection.on('error', () => undefined); // the client leaves
    connection.on('query', (sql: string) => {
      if (sql.includes('broken')) connection.writeError({ code: 1064, message: 'broken query' });
      else connection.writeOk({ affectedRows: 1 });
    });
  });
  const port = await listenOn(Reflect.get(server, '_server') as NetServer);
  const heard = hear('channel:tracing:mysql2:query');
  const connection = mysql.createConnection({ host: '127.0.0.1', port, user: 'shop' });
  connection.on('error', () => undefined);
  open.push(() => connection.destroy());
  await new Promise<void>((resolve, reject) => void connection.query('update stock set n = 13', (error) => (error ? reject(error) : resolve()))); // prettier-ignore
  await new Promise((resolve) => void connection.query('broken', resolve));
  const ended = heard.filter(({ settled }) => settled === true);
  expect(ended).toMatchObject([{ query: 'update stock set n = 13', serverPort: port, failed: false }, { query: 'broken', failed: true, error_code: 'ER_PARSE_ERROR' }]); // prettier-ignore
});

// As much of a server as a client needs that does nothing but SET.
function createRedis(): NetServer {
  return createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      const commands = data.toString().match(/\*\d+\r\n/g) ?? [];
      socket.write('+OK\r\n'.repeat(commands.length));
    });
  });
}

it('ioredis', async () => {
  const port = await listenOn(createRedis());
  const redis = new Redis({ port, host: '127.0.0.1', lazyConnect: true, enableReadyCheck: false, disableClientInfo: true }); // prettier-ignore
  open.push(() => redis.disconnect());
  await redis.connect();
  const heard = hear('channel:tracing:ioredis:command');
  expect(await redis.set('cart', 'secret')).toBe('OK');
  expect(heard.filter(({ settled }) => settled === true)).toMatchObject([{ command: 'set', args_0: 'cart', serverPort: port, failed: false, result: 'OK' }]); // prettier-ignore
  expect(JSON.stringify(heard)).not.toContain('secret'); // the library tells no values
});

it('h3', async () => {
  const app = new H3({ plugins: [tracingPlugin()] }).get('/hi', () => 'hello');
  const heard = hear('channel:tracing:h3.request');
  expect(await (await app.request('/hi')).text()).toBe('hello');
  expect(heard.filter(({ settled }) => settled === true)).toMatchObject([{ type: 'route', failed: false }]); // prettier-ignore
});
