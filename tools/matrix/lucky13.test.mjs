// The note's own story on this version of Node: a script throws `lucky13` for each send of 13 bytes;
// a listener hears all of them and no others, a debugger stops in the sender.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Debugger, Listener, Service, startExtev, until } from './support/child.mjs';

const script = 'event lucky13; probe net.send { if ($len == 13) throw event lucky13 }';
const rounds = 7;

async function startScript(pid, node) {
  const run = startExtev(['run', '-e', script, '-p', String(pid)], node);
  await run.says(/runs in process/);
  return run;
}

void test('lucky13 is heard for the sends of 13 bytes, and stops in the function that sends', async () => {
  const service = await Service.start();
  const run = await startScript(service.pid);
  const listener = await Listener.start(service.pid, 'lucky13');
  const debug = new Debugger(service.pid);
  try {
    assert.match(await debug.ask('catch lucky13'), /^Catchpoint 1 \(lucky13\)$/m);
    await debug.ask('catch net.send if len == 99');
    const sent = service.does(`send ${rounds}`);
    sent.catch(() => undefined); // ended early, when something else has failed
    for (let at = 0; at < rounds; at++) {
      const said = await debug.ask('continue');
      assert.match(said, /Catchpoint 1, lucky13 in thread 1 \(main/);
      assert.match(said, /#0 +sendReport \(socket=Socket, size=13\) at .*service\.mjs:\d+/);
      assert.match(await debug.ask('print size'), /^13$/m);
    }
    assert.match(await debug.ask('continue'), /Catchpoint 2, net\.send in thread 1/);
    assert.match(await debug.ask('print size'), /^99$/m);
    assert.equal(await debug.quit(), 0);
    assert.equal(await sent, String(rounds));
    await listener.hears('lucky13', rounds);
    assert.deepEqual(await listener.leave(), {
      matched: rounds,
      delivered: rounds,
      lost: 0,
      throttled: 0,
    });
    assert.equal((await run.end('SIGINT')).code, 130);
    assert.equal(await service.does('channel 1'), 'false');
  } finally {
    await Promise.all([debug.end(), listener.end(), run.end(), service.end()]);
  }
});

// The tool and the program need not run on the same Node.
const other = process.env['MATRIX_OTHER_NODE'] ?? process.execPath;

void test('lucky13 is heard by an extev that another Node runs, and in a worker of the program', async () => {
  const service = await Service.start();
  const run = await startScript(service.pid, other);
  const listener = await Listener.start(service.pid, 'lucky13');
  try {
    assert.equal(await service.does('send 5'), '5');
    await listener.hears('lucky13', 5);
    // A worker that starts later is reached while it runs; then it is heard as exactly.
    const others = () => listener.lines.filter(({ tid }) => tid !== service.pid);
    while (others().length === 0) await service.does('sender 1');
    const before = others().length;
    await service.does('sender 11');
    await until(
      () => others().length >= before + 11,
      () => listener.stdout,
    );
    const { delivered, lost } = await listener.leave();
    assert.deepEqual([delivered, lost], [5 + before + 11, 0]);
  } finally {
    await Promise.all([listener.end(), run.end(), service.end()]);
  }
});
