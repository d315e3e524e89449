// A program of Node's own modules alone, which knows nothing of us. It does what a line on its
// standard input asks for, and then says `done LINE: RESULT`.
import { Buffer } from 'node:buffer';
import { channel } from 'node:diagnostics_channel';
import dns from 'node:dns';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { createInterface } from 'node:readline';
import tls from 'node:tls';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { findChanges, lookAlsoAt, lookAround } from './looks.mjs';

const address = '127.0.0.1';
const isWanted = channel('matrix.asked');

async function listen(server) {
  server.listen(0, address);
  await once(server, 'listening');
  return server.address().port;
}

/** A server for one job, and whatever is done with its port. */
async function serve(server, use) {
  const port = await listen(server);
  try {
    return await use(port);
  } finally {
    server.close();
    await once(server, 'close');
  }
}

function sendReport(socket, size) {
  socket.write(Buffer.alloc(size, 'x'));
  return size;
}

/** Of `rounds` rounds each has one report of 13 bytes; the last report of all has 99. */
async function sendReports(rounds) {
  const sink = net.createServer((socket) => socket.resume().on('end', () => socket.end()));
  return serve(sink, async (port) => {
    const socket = net.connect(port, address).resume();
    await once(socket, 'connect');
    for (let round = 0; round < rounds; round++) {
      for (const size of [11, 12, 13, 14, 17]) {
        sendReport(socket, size);
        await new Promise((resolve) => void setImmediate(resolve));
      }
    }
    sendReport(socket, 99);
    socket.end();
    await once(socket, 'close');
    return rounds;
  });
}

const answer = (request, response) => {
  response.statusCode = 203;
  response.end(`you asked for ${request.url}`);
};

async function askByHttp(count) {
  return serve(http.createServer(answer), async (port) => {
    for (let at = 0; at < count; at++) {
      const request = http.request({ host: address, port, path: `/http/${at}`, method: 'PUT' });
      request.end('some body');
      const [response] = await once(request, 'response');
      await once(response.resume(), 'end');
    }
  });
}

async function askByFetch(count) {
  return serve(http.createServer({ keepAliveTimeout: 1 }, answer), async (port) => {
    for (let at = 0; at < count; at++) {
      await (await fetch(`http://${address}:${port}/fetch/${at}`)).text();
    }
  });
}

async function askByHttp2(count) {
  return serve(http2.createServer(answer), async (port) => {
    const session = http2.connect(`http://${address}:${port}`);
    lookAlsoAt('http2', session);
    for (let at = 0; at < count; at++) {
      const stream = session.request({ ':path': `/http2/${at}`, ':method': 'POST' });
      lookAlsoAt('http2', stream);
      stream.end('some body');
      await once(stream.resume(), 'close');
    }
    session.close();
    await once(session, 'close');
  });
}

// Both sides know a key, so that no certificate is needed.
const secret = { ciphers: 'PSK', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' };
const psk = Buffer.from('d731ef57be09e5204f0b205b60627028', 'hex');

async function shakeHands(count) {
  const options = { ...secret, pskCallback: () => psk };
  const server = tls.createServer(options, (socket) => socket.pipe(socket));
  return serve(server, async (port) => {
    for (let at = 0; at < count; at++) {
      const socket = tls.connect({
        ...secret,
        host: address,
        port,
        checkServerIdentity: () => undefined,
        pskCallback: () => ({ psk, identity: 'matrix' }),
      });
      await once(socket.resume(), 'secureConnect');
      socket.end('thirteen byte');
      await once(socket, 'close');
    }
  });
}

async function lookUp(count) {
  for (let at = 0; at < count; at++) await dns.promises.lookup('localhost', { family: 4 });
}

function askOnChannel(count) {
  for (let at = 0; at < count; at++) {
    if (isWanted.hasSubscribers) isWanted.publish({ order: { id: at } });
  }
  return isWanted.hasSubscribers;
}

function blockLoop(ms) {
  const end = performance.now() + ms;
  let turns = 0;
  while (performance.now() < end) turns++;
  return turns > 0;
}

function leaveGarbage(count) {
  const kept = [];
  for (let at = 0; at < count; at++) kept.push({ at });
  return kept.length;
}

async function startWorker(code) {
  const worker = new Worker(`setTimeout(() => process.exit(${code}), 50)`, { eval: true });
  const [status] = await once(worker, 'exit');
  return `${status} ${worker.listenerCount('exit')}`;
}

let colleague;

/** The same sends from a worker, which runs this very file and stays. */
async function sendFromWorker(rounds) {
  colleague ??= new Worker(new URL(import.meta.url));
  colleague.postMessage(rounds);
  const [sent] = await once(colleague, 'message');
  return sent;
}

const does = {
  send: sendReports,
  sender: sendFromWorker,
  http: askByHttp,
  fetch: askByFetch,
  http2: askByHttp2,
  tls: shakeHands,
  lookup: lookUp,
  channel: askOnChannel,
  block: blockLoop,
  garbage: leaveGarbage,
  worker: startWorker,
  look: lookAround,
  changes: findChanges,
  reject: () => void Promise.reject(new RangeError('nobody waits for this')),
  throw: () => {
    throw new TypeError('nobody catches this');
  },
  exit: (code) => process.exit(code),
};

/** Each job is begun by a timer: in a turn of its own, without the reader of lines on its stack. */
const begin = (job, argument) =>
  new Promise((resolve) => {
    setTimeout(() => resolve(does[job](argument)), 1);
  });

if (isMainThread) {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const [job, argument] = line.split(' ');
    void begin(job, Number(argument)).then((result) => console.log(`done ${line}: ${result}`));
  });
  console.log('ready');
} else {
  parentPort.on('message', (rounds) => {
    void sendReports(rounds).then((sent) => parentPort.postMessage(sent));
  });
}
