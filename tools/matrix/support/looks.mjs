// What a program can see of Node's prototypes and objects, and what of it differs from before. Node
// makes some of it on first use: let the program do its jobs once, then `lookAround`.
import { channel, Channel } from 'node:diagnostics_channel';
import dgram from 'node:dgram';
import { EventEmitter } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import stream from 'node:stream';
import tls from 'node:tls';
import { Worker } from 'node:worker_threads';

const channels = [
  'http.client.request.start',
  'http.client.response.finish',
  'http.server.request.start',
  'http2.client.stream.created',
  'http2.server.stream.start',
  'matrix.asked',
  'net.client.socket',
  'undici:request:create',
  'undici:request:headers',
].map((name) => [`channel ${name}`, channel(name)]);

const classes = {
  Channel,
  'dgram.Socket': dgram.Socket,
  EventEmitter,
  'http.Agent': http.Agent,
  'http.ClientRequest': http.ClientRequest,
  'http.IncomingMessage': http.IncomingMessage,
  'http.OutgoingMessage': http.OutgoingMessage,
  'http.Server': http.Server,
  'http.ServerResponse': http.ServerResponse,
  'http2.Http2ServerRequest': http2.Http2ServerRequest,
  'http2.Http2ServerResponse': http2.Http2ServerResponse,
  'https.Server': https.Server,
  'net.Server': net.Server,
  'net.Socket': net.Socket,
  'stream.Duplex': stream.Duplex,
  'stream.Readable': stream.Readable,
  'stream.Writable': stream.Writable,
  'tls.Server': tls.Server,
  'tls.TLSSocket': tls.TLSSocket,
  Worker,
};

// Requests to libuv and c-ares, which no module exports.
const wraps = {
  tcp_wrap: ['TCPConnectWrap'],
  pipe_wrap: ['PipeConnectWrap'],
  cares_wrap: ['GetAddrInfoReqWrap', 'GetNameInfoReqWrap', 'QueryReqWrap'],
};
process.noDeprecation = true;
const requests = Object.entries(wraps).flatMap(([binding, names]) =>
  names.map((name) => [`${binding} ${name}`, process.binding(binding)[name].prototype]),
);
delete process.noDeprecation;

/** All that is looked at, by name. */
const objects = [
  ...Object.entries(classes).map(([name, { prototype }]) => [name, prototype]),
  ...channels,
  ...requests,
  ['process', process],
  ['globalThis', globalThis],
];

const isSame = (one, other) =>
  one === other ||
  (one !== undefined &&
    other !== undefined &&
    ['value', 'get', 'set', 'writable', 'enumerable', 'configurable'].every((key) =>
      Object.is(one[key], other[key]),
    ));

// They come and go with listeners, which are counted below.
const isOwn = (key) => ['_events', '_eventsCount', 'exitCode'].includes(key);

// An agent stays in the program for whoever comes next, with these three and nothing else.
const isAgent = (key) =>
  ['agent', 'core', 'thread-side'].some(
    (part) => key === Symbol.for(`extension-events.${part}.v1`),
  );

function look() {
  const seen = new Map();
  for (const [name, object] of objects) {
    const keys = Reflect.ownKeys(object).filter((key) => !isOwn(key) && !isAgent(key));
    // The order of properties is part of it.
    seen.set(`${name}: keys`, { value: keys.map(String).join() });
    seen.set(`${name}: prototype`, { value: Object.getPrototypeOf(object) });
    for (const key of keys) {
      seen.set(`${name}: ${String(key)}`, Object.getOwnPropertyDescriptor(object, key));
    }
  }
  for (const [name, each] of channels)
    seen.set(`${/** @type {string} */ (name)}: hasSubscribers`, { value: each.hasSubscribers });
  for (const name of process.eventNames()) {
    seen.set(`process: listeners of ${String(name)}`, { value: process.listenerCount(name) });
  }
  return seen;
}

/** Adds classes that only their objects show: the prototypes of an object, up to those of everybody. */
export function lookAlsoAt(name, object) {
  let prototype = Object.getPrototypeOf(object);
  for (
    ;
    !objects.some(([, known]) => known === prototype);
    prototype = Object.getPrototypeOf(prototype)
  ) {
    objects.push([`${name} ${prototype.constructor.name}`, prototype]);
  }
}

let before = look();

/** From here on what is there now counts as unchanged. */
export function lookAround() {
  before = look();
}

/** Names what is not as it was, or says `nothing`. */
export function findChanges() {
  const after = look();
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => !isSame(before.get(name), after.get(name)),
  );
  return changed.length === 0 ? 'nothing' : changed.join('; ');
}
