// Switches the default arming on and off in turn and weighs the main thread's work per CPU time.
import { readFileSync, writeSync } from 'node:fs';
import { threadId, workerData } from 'node:worker_threads';
import { getRegistry } from '@extension-events/core';
import {
  connectToMainThread,
  evaluateSnippet,
  workerSessions,
} from '@extension-events/platform-v8';
import { createHotSpotProducer } from '../src/index.ts';

const { rounds, phaseMs, request } = workerData;
const settleMs = 1500; // starting a profile lists the code, and the first hot spots are confirmed: not the steady state
setInterval(() => undefined, 1e6);
const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const main = connectToMainThread();
const nothing = { [Symbol.dispose]: () => undefined };
const thread = {
  subject: { tid: process.pid, threadId: 0 },
  name: 'main',
  session: main,
  isHeld: false,
  onHeld: () => nothing,
};
const host = { threads: [thread], onThreads: () => nothing };
await workerSessions(
  main,
  { attached: () => undefined, detached: () => undefined },
  { skipThreadId: threadId },
);
const registry = getRegistry();
createHotSpotProducer().start(registry, host);

/** Time in ns that the main thread has run; unlike the producer's own look, without waiting for a CPU. */
const ranNs = () =>
  Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[0]);

const unitsNow = () => evaluateSnippet(main, 'units', 'globalThis.workloadUnits');

/** CPU time of the main thread per unit of work. */
async function weigh() {
  const units = await unitsNow();
  const ran = ranNs();
  await delay(phaseMs);
  const more = (await unitsNow()) - units;
  return (ranNs() - ran) / more;
}

await delay(4000);
for (let round = 0; round < rounds; round++) {
  const offBefore = await weigh();
  const listening = registry.listen('hot-spot', () => undefined, { request });
  await delay(settleMs);
  const on = await weigh();
  listening.unlisten();
  await delay(settleMs);
  const offAfter = await weigh();
  writeSync(3, `${JSON.stringify({ off: (offBefore + offAfter) / 2, on })}\n`);
}
