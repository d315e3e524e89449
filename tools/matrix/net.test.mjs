// Connections, look-ups and handshakes on this version of Node, counted exactly.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Listener, Service } from './support/child.mjs';

async function hearJob(job, patterns) {
  const service = await Service.start();
  const listener = await Listener.start(service.pid, ...patterns);
  await service.does(job);
  return {
    listener,
    [Symbol.asyncDispose]: () => Promise.all([listener.end(), service.end()]),
  };
}

/** Hears a job, and hands the listener to `check`. */
async function hear(job, patterns, check) {
  const hearing = await hearJob(job, patterns);
  try {
    await check(hearing.listener);
  } finally {
    await hearing[Symbol.asyncDispose]();
  }
}

const sum = (payloads) => payloads.reduce((total, { len }) => total + len, 0);

void test('a TCP connection: its two ends, and each byte once on either side', async () => {
  // The pipes of its standard streams are sockets too.
  await hear('send 11', ['net.*', '--where', "protocol == 'tcp'"], async (listener) => {
    const [client, server] = await listener.hears('net.close', 2);
    const bytes = 11 * (11 + 12 + 13 + 14 + 17) + 99;
    assert.equal(sum(listener.of('net.send')), bytes);
    assert.equal(listener.of('net.send').length, 11 * 5 + 1);
    assert.equal(sum(listener.of('net.receive')), bytes);
    const [connect, ...others] = listener.of('net.connect');
    const [accept, ...more] = listener.of('net.accept');
    assert.deepEqual([others, more, listener.of('net.error')], [[], [], []]);
    assert.deepEqual(
      [connect.localPort, connect.remotePort, connect.remoteAddress, connect.family],
      [accept.remotePort, accept.localPort, '127.0.0.1', 'IPv4'],
    );
    assert.ok(connect.fd > 0 && accept.fd > 0 && connect.durationNs > 0);
    const ends = [client, server].map(({ sentBytes, receivedBytes, hadError }) => [
      sentBytes + receivedBytes,
      hadError,
    ]);
    assert.deepEqual(ends, [
      [bytes, false],
      [bytes, false],
    ]);
    assert.equal((await listener.leave()).lost, 0);
  });
});

void test('dns.lookup', async () => {
  await hear('lookup 5', ['dns.*'], async (listener) => {
    for (const payload of await listener.hears('dns.lookup', 5)) {
      const { hostname, query, addresses, durationNs } = payload;
      assert.deepEqual([hostname, query, addresses], ['localhost', 'lookup', '127.0.0.1']);
      assert.ok(durationNs > 0);
    }
    assert.equal((await listener.leave()).matched, 5);
  });
});

void test('tls.handshake on both sides, and the bytes above and below the encryption', async () => {
  await hear('tls 3', ['tls.*', 'net.send'], async (listener) => {
    const handshakes = await listener.hears('tls.handshake', 6);
    assert.equal(handshakes.filter(({ isServer }) => isServer).length, 3);
    for (const { version, cipher, durationNs } of handshakes) {
      assert.equal(version, 'TLSv1.2');
      assert.match(cipher, /PSK/);
      assert.ok(durationNs > 0);
    }
    const sends = listener.of('net.send').filter(({ layer }) => layer === 'tls');
    // What the client says, and the server's echo of it.
    assert.deepEqual(sends.map(({ len }) => len), Array.from({ length: 6 }, () => 13)); // prettier-ignore
  });
});
