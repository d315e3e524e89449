/** The reading thread of `recorded.ts`: takes messages, and records from the ring. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { recordKind, RingReader, walkRecords } from '@extension-events/core/ring';

let messages = 0;
let records = 0;

parentPort?.on('message', (message: unknown) => {
  if (message === 'count') parentPort?.postMessage({ messages, records });
  else messages++;
});
parentPort?.postMessage('ready');

const reader = new RingReader(workerData as SharedArrayBuffer);
for (;;) {
  const read = reader.read((run) => {
    const copy = Uint8Array.from(run);
    const end = walkRecords(copy, (view, at) => {
      if (view.getUint8(at + 6) === recordKind.event) records++;
    });
    assert.equal(end, copy.length, 'only whole records are published');
  });
  // As the agent does it: between two looks it lets records gather, and sleeps when there are none.
  if (read > 0) await delay(1);
  else await reader.ring(1000);
}
