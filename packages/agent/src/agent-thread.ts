/** Entry of the agent thread: a worker in the traced process, started by preload, import or injection. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { Agent } from './agent.ts';
import type { AgentStart } from './start-options.ts';
import { ensureSocketDirectory } from '@extension-events/protocol';

const start = workerData as AgentStart;
const defaultRingBytes = 1024 * 1024;

const agent = new Agent({
  socketPath: start.socketPath,
  threadSideFile: join(import.meta.dirname, 'thread-side.cjs'),
  ringBytes: start.ringBytes ?? defaultRingBytes,
});
// A fault of ours ends this thread and nothing else: the program has an error listener on it.
process.on('unhandledRejection', () => undefined);
ensureSocketDirectory(start.uid);
// A program that waits for its first listener asks for that. No other is told: each message runs code in
// its thread, and an interrupt would find it there.
parentPort?.once('message', () => void agent.heard.then(() => parentPort?.postMessage('heard')));
if (await agent.serve()) parentPort?.postMessage('serving');
else process.exit(); // ends this thread: the process has an agent
