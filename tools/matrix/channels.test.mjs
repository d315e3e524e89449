// Diagnostics channels on this version of Node: those of Node itself, and one that only a module of
// the program holds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Listener, Service } from './support/child.mjs';

void test('Node’s own channels are heard by name', async () => {
  const service = await Service.start();
  const names = ['http.client.request.start', 'http.server.response.finish', 'undici:request:create', 'net.client.socket', 'worker_threads']; // prettier-ignore
  const listener = await Listener.start(service.pid, ...names.map((name) => `channel:${name}`));
  try {
    await service.does('http 3');
    await service.does('fetch 5');
    await service.does('worker 0');
    const heard = {};
    for (const name of names) heard[name] = await listener.hears(`channel:${name}`, 1);
    assert.equal((await listener.hears('channel:http.server.response.finish', 8)).length, 8);
    const [started] = await listener.hears('channel:http.client.request.start', 3);
    assert.equal(started.request_method, 'PUT');
    const [created] = await listener.hears('channel:undici:request:create', 5);
    assert.equal(created.request_path, '/fetch/0');
    assert.equal((await listener.leave()).lost, 0);
  } finally {
    await Promise.all([listener.end(), service.end()]);
  }
});

void test('a channel of the program is found by a pattern, heard, and unheard again', async () => {
  const service = await Service.start();
  const listener = await Listener.start(service.pid, 'channel:matrix.*', '--where', 'order_id == 3'); // prettier-ignore
  try {
    assert.equal(await service.does('channel 7'), 'true');
    const [asked] = await listener.hears('channel:matrix.asked', 1);
    assert.equal(asked.order_id, 3);
    assert.equal((await listener.leave()).delivered, 1);
    while ((await service.does('channel 1')) !== 'false');
  } finally {
    await Promise.all([listener.end(), service.end()]);
  }
});
