/** Entry of the agent thread: a worker in the traced process, started by preload, import or injection. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { Agent } from './agent.ts';
import type { AgentStart } from './start-options.ts';
import { ensureSocketDirectory } from '@extension-events/protocol';

const start = workerData as AgentStart;
const defaultRingBytes = 1024 * 1024;

function packageRoot(entry: string): string {
  for (let directory = dirname(entry); ; directory = dirname(directory)) {
    if (existsSync(join(directory, 'package.json'))) return directory;
    if (directory === dirname(directory)) return dirname(entry);
  }
}

const entry = process.argv[1] ?? process.cwd();
const agent = new Agent({
  socketPath: start.socketPath,
  name: basename(entry),
  root: packageRoot(entry),
  threadSideFile: join(import.meta.dirname, 'thread-side.cjs'),
  ringBytes: start.ringBytes ?? defaultRingBytes,
});
// A fault of ours ends this thread and nothing else: the program has an error listener on it.
process.on('unhandledRejection', () => undefined);
ensureSocketDirectory(start.uid);
await agent.serve();
parentPort?.postMessage('serving');
