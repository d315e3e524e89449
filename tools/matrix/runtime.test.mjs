// What the runtime does to a program, on this version of Node.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Debugger, Listener, Service } from './support/child.mjs';

void test('event-loop.stall stops inside the function that blocks the loop', async () => {
  const service = await Service.start();
  const debug = new Debugger(service.pid);
  try {
    const said = await debug.ask('catch event-loop.stall thresholdMs=100');
    assert.match(said, /^Catchpoint 1/m);
    service.tell('block 4000');
    const stopped = await debug.ask('continue');
    assert.match(stopped, /Catchpoint 1, event-loop\.stall/);
    assert.match(stopped, /#\d +blockLoop \(ms=4000\) at .*service\.mjs:\d+/);
    assert.match(await debug.ask('print turns > 0'), /^true$/m);
    assert.equal(await debug.quit(), 0);
    await service.says(/done block 4000: true/);
  } finally {
    await Promise.all([debug.end(), service.end()]);
  }
});

void test('gc.pause is heard', async () => {
  const service = await Service.start();
  const listener = await Listener.start(service.pid, 'gc.pause');
  try {
    await service.does('garbage 2000000');
    const [pause] = await listener.hears('gc.pause', 3);
    assert.match(pause.kind, /^(?:scavenge|minor-mark-sweep|mark-sweep|incremental)$/);
    assert.ok(pause.durationMs > 0 && pause.heapUsedBytes > 0);
    assert.equal(pause.isForced, false);
  } finally {
    await Promise.all([listener.end(), service.end()]);
  }
});

void test('worker.started and worker.exited are heard, with the status', async () => {
  const service = await Service.start();
  const listener = await Listener.start(service.pid, 'worker.started', 'worker.exited');
  try {
    for (const code of [0, 7, 13]) assert.equal(await service.does(`worker ${code}`), `${code} 0`);
    const started = await listener.hears('worker.started', 3);
    const exited = await listener.hears('worker.exited', 3);
    assert.deepEqual(exited.map(({ exitCode }) => exitCode), [0, 7, 13]); // prettier-ignore
    const born = started.map(({ threadId }) => threadId);
    assert.deepEqual(exited.map(({ threadId }) => threadId), born); // prettier-ignore
    assert.equal((await listener.leave()).matched, 6);
  } finally {
    await Promise.all([listener.end(), service.end()]);
  }
});

// Node's own inspector says that somebody was there.
const inspector = /^(?:Debugger listening|For help, see|Debugger attached|Debugger ending|Waiting for the debugger).*\n/gm; // prettier-ignore

async function dieOf(job, ...heard) {
  const service = await Service.start();
  const listener = heard.length === 0 ? undefined : await Listener.start(service.pid, ...heard);
  service.tell(`${job} 1`);
  const { code } = await service.closed;
  await listener?.closed;
  const events = listener?.lines.flatMap(({ event, payload }) => (event === undefined ? [] : [[event, payload.name, payload.message]])); // prettier-ignore
  return { events, death: { code, stderr: service.stderr.replaceAll(inspector, '').trim() } };
}

void test('a program dies of a rejection that is heard as it would have without us', async () => {
  const without = await dieOf('reject');
  assert.equal(without.death.code, 1);
  assert.match(without.death.stderr, /nobody waits for this/);
  const { events, death } = await dieOf('reject', 'promise.rejected', 'exception.thrown');
  const failure = ['RangeError', 'nobody waits for this'];
  assert.deepEqual(events, [
    ['promise.rejected', ...failure],
    ['exception.thrown', ...failure],
  ]);
  assert.deepEqual(death, without.death);
});

void test('and so it dies of an exception', async () => {
  const without = await dieOf('throw');
  assert.equal(without.death.code, 1);
  const { events, death } = await dieOf('throw', 'exception.thrown');
  assert.deepEqual(events, [['exception.thrown', 'TypeError', 'nobody catches this']]);
  assert.deepEqual(death, without.death);
});
