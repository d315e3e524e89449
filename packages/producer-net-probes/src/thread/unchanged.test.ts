/* oxlint-disable typescript/unbound-method -- methods are compared, and put back */
import { channel } from 'node:diagnostics_channel';
import dgram from 'node:dgram';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { inspect, promisify } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { closeServer, Hearing, listenOn, until } from './test-hearing.ts';

const classes = [net.Socket, net.Server, tls.TLSSocket, tls.Server, http.Server, http.ServerResponse, http.ClientRequest, http.OutgoingMessage, http.IncomingMessage, dgram.Socket]; // prettier-ignore
const channels = ['http.server.request.start', 'undici:request:create', 'http2.server.stream.start'].map((name) => channel(name)); // prettier-ignore

/** Everything that can be seen of an object's own properties. */
const look = (target: object): unknown[] =>
  Reflect.ownKeys(target).map((key) => [key, Object.getOwnPropertyDescriptor(target, key)]);
const lookAtAll = (): unknown[] => [...classes.map(({ prototype }) => look(prototype)), ...channels.map(look)]; // prettier-ignore

it('takes everything away when it is disposed', () => {
  const before = lookAtAll();
  const hearing = new Hearing('**');
  expect(lookAtAll()).not.toEqual(before);
  hearing[Symbol.dispose]();
  // The same functions, in the same order, with the same attributes.
  const after = lookAtAll();
  expect(after).toEqual(before);
});

it('leaves alone what the program has put on top, and passes calls through from then on', () => {
  const before = lookAtAll();
  const hearing = new Hearing('**');
  const ours = net.Socket.prototype.write;
  const calls: unknown[] = [];
  const theirs = function (this: net.Socket, ...args: never[]): boolean {
    calls.push(args.length);
    return Reflect.apply(ours, this, args) as boolean;
  };
  net.Socket.prototype.write = theirs;
  hearing[Symbol.dispose]();
  expect(net.Socket.prototype.write).toBe(theirs);
  const socket = new net.Socket();
  const heard = hearing.events.length;
  socket.on('error', () => {});
  expect(socket.write('x')).toBe(false);
  socket.destroy();
  expect(calls).toEqual([1]);
  expect(hearing.events).toHaveLength(heard);
  // The second user finds a probe that does nothing, and puts one of its own above.
  using again = new Hearing('net.send');
  expect(again.of('net.send')).toEqual([]);
  again[Symbol.dispose]();
  expect(net.Socket.prototype.write).toBe(theirs);
  Reflect.deleteProperty(net.Socket.prototype, 'write');
  expect(lookAtAll()).toEqual(before);
});

it('lets through what the program changes further down the prototypes', () => {
  using hearing = new Hearing('net.send');
  const below = Object.getOwnPropertyDescriptor(Duplex.prototype, 'write') as PropertyDescriptor;
  const socket = new net.Socket();
  Object.defineProperty(Duplex.prototype, 'write', { ...below, value: () => 'theirs' });
  expect(socket.write('x')).toBe('theirs');
  Object.defineProperty(Duplex.prototype, 'write', below);
  expect(hearing.of('net.send')).toHaveLength(1);
});

type Method = (...args: never[]) => unknown;

/** What a program can see of sockets and servers without asking for them. */
const see = (): unknown => {
  const socket = new net.Socket();
  const server = net.createServer();
  const keys: string[] = [];
  for (const key in socket) keys.push(key);
  return {
    keys: keys.toSorted((a, b) => (a < b ? -1 : 1)),
    inspected: inspect(socket).replaceAll(/\d+/g, '#'),
    methods: (['write', 'end', 'connect', 'destroy', 'push', 'emit', '_destroy'] as const).map((name) => [name, (socket as unknown as Record<string, Method>)[name]].flatMap((each) => (typeof each === 'function' ? [each.name, each.length, Object.keys(each)] : []))), // prettier-ignore
    promisified: typeof promisify(socket.end.bind(socket)),
    listeners: [socket, server].map((each) => each.eventNames().map((name) => [name, each.listeners(name).length])), // prettier-ignore
    isWatched: channels.map((each) => each.hasSubscribers),
  };
};

it('is not to be seen in names, lengths, listeners, channels and inspected objects', () => {
  const without = see();
  {
    using unheard = new Hearing();
    expect(see()).toEqual(without);
    expect(unheard.events).toEqual([]);
  }
  // What is heard by a channel is wanted there, and whoever publishes has to know.
  using heard = new Hearing('net.send', 'net.close', 'dns.*', 'tls.*');
  expect({ ...(see() as object), isWatched: [] }).toEqual({
    ...(without as object),
    isWatched: [],
  });
  expect(heard.events).toEqual([]);
});

const operation = fc.oneof(
  fc.record({ do: fc.constant('write' as const), text: fc.string({ maxLength: 40 }), isBuffer: fc.boolean() }),
  fc.record({ do: fc.constantFrom('cork' as const, 'uncork' as const, 'turn' as const, 'end' as const, 'wrong' as const) }),
  fc.record({ do: fc.constant('destroy' as const), isError: fc.boolean() }),
); // prettier-ignore
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** Does the operations with a socket and writes down whatever the program can notice. */
async function live(port: number, operations: readonly Operation[]): Promise<unknown[]> {
  const log: unknown[] = [];
  const failure = new Error('of the program');
  const socket = net.connect(port, '127.0.0.1');
  for (const name of ['connect', 'ready', 'finish', 'end', 'close', 'error'] as const) {
    socket.on(name, (value?: unknown) => log.push(name, value === failure ? 'the same error' : codeOf(value))); // prettier-ignore
  }
  socket.resume();
  await once(socket, 'connect');
  for (const [at, each] of operations.entries()) {
    const note = (error?: unknown): unknown => log.push(`callback ${at}`, codeOf(error));
    if (each.do === 'write')
      log.push(socket.write(each.isBuffer ? Buffer.from(each.text) : each.text, note)); // prettier-ignore
    else if (each.do === 'end') log.push(socket.end('the end', note) === socket);
    else if (each.do === 'destroy')
      log.push(socket.destroy(each.isError ? failure : undefined) === socket); // prettier-ignore
    else if (each.do === 'turn') await new Promise((resolve) => void setImmediate(resolve));
    else if (each.do === 'wrong') log.push(attempt(() => socket.write(13 as never)));
    else log.push(socket[each.do]());
    log.push(socket.writableLength, socket.listenerCount('close'), socket.writable);
  }
  while (socket.writableCorked > 0) socket.uncork();
  socket.end();
  await until(() => log.includes('close'), 'the socket to close');
  // What was refused afterwards is told a little later.
  for (let i = 0; i < 3; i++) await new Promise((resolve) => void setImmediate(resolve));
  log.push(
    socket.bytesWritten,
    socket.errored === failure,
    socket.remoteAddress,
    typeof socket.localPort,
  );
  return log;
}

const codeOf = (error: unknown): unknown => (error instanceof Error ? (error as { code?: string }).code ?? error.message : error); // prettier-ignore
const attempt = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return codeOf(error);
  }
};

it('changes no result, error, callback or order of events (property)', async () => {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.resume().on('end', () => socket.end());
  });
  const port = await listenOn(server);
  const property = fc.asyncProperty(fc.array(operation, { maxLength: 12 }), async (operations) => {
    const without = await live(port, operations);
    using hearing = new Hearing('**');
    expect(await live(port, operations)).toEqual(without);
    expect(hearing.of('net.connect')).toHaveLength(1);
  });
  await fc.assert(property, { numRuns: 60 });
  await closeServer(server);
});
