import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** A file, as path or `file:` URL. */
export type ImportedModule = string | URL;

// Runs in a thread of its own, where nothing else has been loaded.
const observer = `
const { parentPort, workerData } = require('node:worker_threads');
const look = () => ({
  globals: Reflect.ownKeys(globalThis).map(String).sort(),
  listeners: process.eventNames().map((name) => String(name) + ' ' + process.listenerCount(name)).sort(),
  resources: process.getActiveResourcesInfo().sort(),
});
const turn = () => new Promise((resolve) => setImmediate(resolve));
(async () => {
  await import('node:fs'); // the loader itself is set up by now
  const before = look();
  await import(workerData);
  let after = look();
  // Reading the files takes a few turns to be over with.
  for (let i = 0; i < 1000 && JSON.stringify(after) !== JSON.stringify(before); i++) {
    await turn();
    after = look();
  }
  parentPort.postMessage({ before, after });
})();
`;

/** Asserts that importing a module leaves no global, listener, handle or registry behind. */
export async function checkImport(module: ImportedModule): Promise<void> {
  const url =
    typeof module === 'string' && !module.startsWith('file:') ? pathToFileURL(module) : module;
  const worker = new Worker(observer, { eval: true, workerData: String(url) });
  try {
    const { before, after } = await new Promise<{ before: unknown; after: unknown }>(
      (resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      },
    );
    assert.deepEqual(after, before);
  } finally {
    await worker.terminate();
  }
}
