// Requests of each of Node's own clients and servers on this version of Node, counted exactly.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Listener, Service } from './support/child.mjs';

const names = ['client.request.start', 'client.request', 'server.request.start', 'server.request'];
const count = 7;

async function hearJob(job) {
  const service = await Service.start();
  const listener = await Listener.start(service.pid, 'http.**');
  try {
    await service.does(`${job} ${count}`);
    const heard = {};
    for (const name of names) heard[name] = await listener.hears(`http.${name}`, count);
    const { matched, lost } = await listener.leave();
    assert.deepEqual({ matched, lost }, { matched: names.length * count, lost: 0 });
    // Events of one thread come in their order, and so do the requests of these jobs.
    for (const [name, payloads] of Object.entries(heard)) {
      const paths = Array.from({ length: count }, (_, at) => `/${job}/${at}`);
      assert.deepEqual(payloads.map(({ path }) => path), paths, name); // prettier-ignore
    }
    return heard;
  } finally {
    await Promise.all([listener.end(), service.end()]);
  }
}

const everyOne = (payloads, expected) => {
  for (const [key, value] of Object.entries(expected)) {
    assert.deepEqual([...new Set(payloads.map((payload) => payload[key]))], [value], key);
  }
};

void test('http.request: both sides', async () => {
  const heard = await hearJob('http');
  everyOne(heard['client.request.start'], { library: 'http', method: 'PUT', protocol: 'http' });
  everyOne(heard['client.request'], { library: 'http', status: 203, httpVersion: '1.1' });
  everyOne(heard['server.request.start'], { method: 'PUT', protocol: 'http', httpVersion: '1.1' });
  everyOne(heard['server.request'], { status: 203, isAborted: false });
  for (const { durationNs, socketId } of heard['client.request'])
    assert.ok(durationNs > 0 && socketId > 0);
});

void test('fetch: both sides', async () => {
  const heard = await hearJob('fetch');
  everyOne(heard['client.request.start'], { library: 'undici', method: 'GET', protocol: 'http' });
  everyOne(heard['client.request'], { library: 'undici', status: 203 });
  everyOne(heard['server.request.start'], { method: 'GET', httpVersion: '1.1' });
  everyOne(heard['server.request'], { status: 203, isAborted: false });
});

void test('HTTP/2: both sides', async () => {
  const heard = await hearJob('http2');
  everyOne(heard['client.request.start'], { library: 'http2', method: 'POST', httpVersion: '2.0' });
  everyOne(heard['client.request'], { library: 'http2', status: 203 });
  everyOne(heard['server.request.start'], { method: 'POST', httpVersion: '2.0' });
  everyOne(heard['server.request'], { status: 203, isAborted: false });
});
