/** What crosses threads: flag words, rings, inherited listens, copies of core. */
// oxlint-disable vitest/no-conditional-expect -- what is expected depends on the generated case
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setEnvironmentData, Worker } from 'node:worker_threads';
import { afterAll, expect, it } from 'vitest';
import { recordAt, walkRecords } from './decode.ts';
import { changeFlags, flag, flagWord } from './flags.ts';
import { inheritanceKey } from './inherit.ts';
import { recordKind } from './ring.ts';
import { RingReader } from './ring-reader.ts';

const core = JSON.stringify(new URL('index.ts', import.meta.url).href);
const ringDoor = JSON.stringify(new URL('ring-door.ts', import.meta.url).href);
const directory = mkdtempSync(join(tmpdir(), 'extension-events-core-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs this code in a worker, as a module that sees `core`, `ring` and `say`. */
function start(code: string): Worker {
  const source = `(async () => {
    const { parentPort } = require('node:worker_threads');
    const say = (message) => parentPort.postMessage(message);
    const core = await import(${core});
    const ring = await import(${ringDoor});
    const type = core.registerEventType({ name: 'tick', description: '', fields: { n: { type: 'u32' } } });
    ${code}
  })();`;
  return new Worker(source, { eval: true });
}

function nextMessage<T>(worker: Worker): Promise<T> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

// They have nothing more to do, and end by themselves: V8 was once seen to die of a trap in this file,
// and stopping threads that are about to end is the boldest thing that it did.
async function exited(worker: Worker): Promise<void> {
  if (worker.threadId >= 0) await once(worker, 'exit');
}

it('a flag that is set from outside is seen by a thread in an endless optimized loop', async () => {
  const worker = start(`
    const spin = (limit) => {
      let turns = 0;
      while (turns < limit && !type.hasListeners) { type.post({ n: 1 }); turns++; }
      return turns;
    };
    spin(2e6); spin(2e6); // compiled by now
    say({ words: core.getRegistry().words, index: type.index });
    spin(Infinity);
    say('seen');
  `);
  const { words, index } = await nextMessage<{ words: Int32Array; index: number }>(worker);
  const seen = nextMessage(worker);
  changeFlags(words, index, flag.record, 0);
  expect(await seen).toBe('seen');
  await exited(worker);
});

it('a ring is read while its writer never yields, and a sleeping reader is woken', async () => {
  const worker = start(`
    const buffer = ring.createRingBuffer(65536);
    const registry = core.getRegistry();
    registry.setRing(buffer);
    registry.tap({ mode: 'record', pattern: 'tick', slot: 5 });
    const stop = new Int32Array(new SharedArrayBuffer(4));
    say({ buffer, stop });
    let n = 0;
    while (stop[0] === 0) type.post({ n: n++ });
    say(n);
  `);
  const { buffer, stop } = await nextMessage<{ buffer: SharedArrayBuffer; stop: Int32Array }>(worker); // prettier-ignore
  const reader = new RingReader(buffer);
  let events = 0;
  let lost = 0;
  const drain = (): number =>
    reader.read((shared) => {
      const bytes = Uint8Array.from(shared);
      const end = walkRecords(bytes, (view, at) => {
        const { kind } = recordAt(view, at);
        if (kind === recordKind.event) {
          // Whole and in order: the number is that of all events before it.
          expect(view.getUint32(at + 32, true)).toBe(events + lost);
          events++;
        } else if (kind === recordKind.loss) lost += view.getUint32(at + 36, true);
      });
      expect(end).toBe(bytes.length);
    });
  // oxlint-disable-next-line no-unmodified-loop-condition -- drain() counts
  while (events < 20_000) if (drain() === 0) await reader.ring(60_000);
  const ended = nextMessage<number>(worker);
  Atomics.store(stop, 0, 1);
  const posted = await ended;
  while (drain() > 0);
  const account = reader.counters(5);
  expect(account.matched).toBe(posted);
  expect(account.matched - account.lost).toBe(events);
  await exited(worker);
  // The memory outlives its thread.
  expect(reader.counters(5)).toEqual(account);
});

it('a new worker thread takes over what its creator left, before its first post; nested ones too', async () => {
  const file = join(directory, 'join.cjs');
  writeFileSync(
    file,
    `exports.join = (registry, data) => {
      globalThis.heard = [];
      registry.tap({ mode: 'probe', pattern: data.pattern, run: (event) => heard.push(event.payload.n) });
    };`,
  );
  setEnvironmentData(inheritanceKey, { file, data: { pattern: 't*' } });
  try {
    const worker = start(`
      type.post({ n: 1 });
      const { Worker } = require('node:worker_threads');
      const nested = new Worker(\`(async () => {
        const core = await import(${core});
        core.registerEventType({ name: 'tock', description: '', fields: { n: { type: 'u32' } } }).post({ n: 2 });
        require('node:worker_threads').parentPort.postMessage(heard);
      })()\`, { eval: true });
      nested.on('message', (inner) => say([heard, inner]));
    `);
    expect(await nextMessage(worker)).toEqual([[1], [2]]);
    await exited(worker);
  } finally {
    setEnvironmentData(inheritanceKey, undefined);
  }
});

it.each([
  ['a file that is gone', { file: join(directory, 'gone.cjs'), data: {} }],
  ['a file that throws', { file: join(directory, 'throws.cjs'), data: {} }],
  ['another shape', 13],
])('a new worker thread goes on unheard when it inherits %s', async (_what, left) => {
  writeFileSync(join(directory, 'throws.cjs'), `throw new Error('old');`);
  setEnvironmentData(inheritanceKey, left);
  try {
    const worker = start(`type.post({ n: 1 }); say(type.hasListeners);`);
    expect(await nextMessage(worker)).toBe(false);
    await exited(worker);
  } finally {
    setEnvironmentData(inheritanceKey, undefined);
  }
});

it("a worker's flag block and events tell its own thread", async () => {
  const worker = start(`
    const { threadId } = require('node:worker_threads');
    const { words, subject } = core.getRegistry();
    core.listen('tick', (event) => say([[...words.subarray(2, 4)], subject, event.subject, threadId]));
    type.post({ n: 1 });
  `);
  const [words, subject, ofEvent, threadId] = await nextMessage<[number[], { tid: number }, unknown, number]>(worker); // prettier-ignore
  expect(subject).toEqual({ tid: expect.any(Number), threadId });
  expect(subject.tid).toBeGreaterThan(0);
  expect(subject.tid).not.toBe(process.pid);
  expect(ofEvent).toEqual(subject);
  expect(words).toEqual([subject.tid, threadId]);
  expect(flagWord).toMatchObject({ tid: 2, threadId: 3 });
  await exited(worker);
});
