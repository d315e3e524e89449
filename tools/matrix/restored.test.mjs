// Whatever was put over Node's own while somebody listened is gone when they have left.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'node:test';
import { Listener, Service, startExtev } from './support/child.mjs';

const jobs = ['send 2', 'http 2', 'fetch 2', 'http2 2', 'tls 2', 'lookup 2', 'channel 2', 'worker 0']; // prettier-ignore
const patterns = ['net.*', 'http.**', 'dns.*', 'tls.*', 'channel:**', 'worker.started', 'worker.exited', 'promise.rejected', 'exception.thrown', 'event-loop.stall', 'gc.pause']; // prettier-ignore

async function doAll(service) {
  for (const job of jobs) await service.does(job);
}

void test('a program that was listened to is as it was before', async () => {
  const service = await Service.start();
  await doAll(service);
  await service.does('look 0');
  assert.equal(await service.does('changes 0'), 'nothing');
  const listener = await Listener.start(service.pid, ...patterns);
  const run = startExtev(['run', '-e', 'event lucky13; probe net.send { if ($len == 13) throw event lucky13 }', '-p', String(service.pid)]); // prettier-ignore
  try {
    await run.says(/runs in process/);
    const during = await service.does('changes 1');
    for (const changed of ['net.Socket: write', 'process: emit', 'http.server.request.start']) {
      assert.ok(during.includes(changed), `${changed} in ${during}`);
    }
    await doAll(service);
    for (const each of ['net.send', 'http.client.request', 'tls.handshake', 'dns.lookup', 'worker.exited']) await listener.hears(each, 1); // prettier-ignore
    assert.equal((await run.end('SIGINT')).code, 130);
    await listener.leave();
    await isRestored(service);
    await doAll(service);
    assert.equal(await service.does('changes 2'), 'nothing');
    service.tell('exit 5');
    assert.equal((await service.closed).code, 5);
  } finally {
    await Promise.all([listener.end(), run.end(), service.end()]);
  }
});

// The agent sees its last consumer go a moment after it went.
async function isRestored(service) {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const changes = await service.does('changes 3');
    if (changes === 'nothing') return;
    if (performance.now() > deadline) assert.fail(`not restored: ${changes}`);
    await delay(50);
  }
}
