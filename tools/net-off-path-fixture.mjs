// The program whose machine code tells what an unheard net probe adds to a call; started by
// net-off-path-run.mjs, which makes V8 write the optimized code of every function named bench*.
//
// The methods of Node below the probes are replaced by ones that V8 does not inline, so that all
// that differs between a call with and without the probes is the probe.
import dgram from 'node:dgram';
import { channel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import net from 'node:net';
import stream from 'node:stream';
import { getRegistry } from '../packages/core/dist/index.js';
import { findCode } from './code-listing.mjs';
import { allocatesOn, findShortestPath } from './code-path.mjs';

const [, , listing = ''] = process.argv;
const { producer } = createRequire(import.meta.url)(
  '../packages/producer-net-probes/dist/thread.cjs',
);

const socket = net.Socket.prototype;
const datagrams = dgram.Socket.prototype;
const { prototype: response } = http.ServerResponse;
const { prototype: message } = http.OutgoingMessage;
const { prototype: request } = http.ClientRequest;
const { prototype: emitter } = EventEmitter;

/** Where a probe sits, who has Node's method below it, and its name. */
const methods = [
  ['net.Socket write', socket, stream.Duplex.prototype, 'write'],
  ['net.Socket end', socket, socket, 'end'],
  ['net.Socket push', socket, stream.Readable.prototype, 'push'],
  ['net.Socket _unrefTimer', socket, socket, '_unrefTimer'],
  ['net.Socket _destroy', socket, socket, '_destroy'],
  ['net.Server emit', net.Server.prototype, emitter, 'emit'],
  ['dgram.Socket send', datagrams, datagrams, 'send'],
  ['dgram.Socket close', datagrams, datagrams, 'close'],
  ['dgram.Socket emit', datagrams, emitter, 'emit'],
  ['http.ServerResponse _finish', response, response, '_finish'],
  ['http.ClientRequest _storeHeader', request, message, '_storeHeader'],
  ['http.ClientRequest emit', request, emitter, 'emit'],
];
const channels = ['http.server.request.start', 'http.client.response.finish', 'undici:request:create', 'http2.server.stream.start']; // prettier-ignore

/** A method too large to be inlined, which does nothing. */
function createOpaque() {
  const lines = Array.from({ length: 200 }, (_, i) => `if (a === ${i + 1000}) s += ${i};`);
  // oxlint-disable-next-line typescript/no-implied-eval -- the text is ours
  return new Function('a', 'b', 'c', `let s = 0; if (a !== undefined) return s; ${lines.join('')} return s;`); // prettier-ignore
}
for (const [, , below, key] of methods) {
  // Deleted first: a method that is assigned over is no constant to V8, as those of Node are.
  delete below[key];
  Object.defineProperty(below, key, { value: createOpaque(), configurable: true, writable: true });
}

// Each caller is a function of its own: what V8 learns of one must not change another.
let callers = 0;
// oxlint-disable-next-line typescript/no-implied-eval -- the text is ours
const create = (body) => new Function(`return function bench${++callers}x(target, a, b, c) { ${body} }`)(); // prettier-ignore

const readListing = () => (existsSync(listing) ? readFileSync(listing, 'utf8') : '');

/** Calls a function until V8 has printed optimized code for it. */
function optimize(call, target) {
  for (let round = 0; round < 400; round += 1) {
    for (let i = 0; i < 20_000; i += 1) call(target, 'data', 2, 3);
    const code = findCode(readListing(), call.name);
    if (code) return code;
  }
  throw new Error(`V8 did not optimize ${call.name} in 400 rounds`);
}

/** The way through each call and each question, as it is now. */
function measureAll() {
  const found = {};
  const measure = (what, body, target, calls) => {
    const path = findShortestPath(optimize(create(body), target), calls);
    found[what] = { instructions: path.length, allocates: allocatesOn(path), text: path.map((each) => each.text) }; // prettier-ignore
  };
  for (const [what, at, , key] of methods) measure(what, `return target.${/** @type {string} */ (key)}(a, b, c);`, Object.create(at), 1); // prettier-ignore
  for (const name of channels) measure(name, 'return target.hasSubscribers ? b : c;', channel(name), 0); // prettier-ignore
  return found;
}

const registry = getRegistry();
const states = { without: measureAll() };
const running = producer.start(registry, undefined);
states.unheard = measureAll();
// Somebody comes and goes: V8 has seen the other side of each test now.
const tap = registry.tap({ mode: 'probe', pattern: '**', run: () => {} });
for (let i = 0; i < 50; i += 1) {
  for (const [, at, , key] of methods) Object.create(at)[key]('data', 2, 3);
  for (const name of channels) channel(name).publish({});
}
registry.untap(tap);
states.unheardAgain = measureAll();
running[Symbol.dispose]();
states.disposed = measureAll();
// By hand: the sockets that console.log may write to do nothing any more.
writeFileSync(1, JSON.stringify({ node: process.version, states }));
