import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ExtensionEventError } from '@extension-events/core';
import { readStartTime, socketPath } from '@extension-events/protocol';
import { agentKey, type AgentStart } from './start-options.ts';

/** Path of the built agent thread: one self-contained file. */
export const agentThreadFile: string = fileURLToPath(
  new URL('../dist/agent-thread.mjs', import.meta.url),
);

/**
 * Starts the agent in this process; a second call shares the first agent. The thread does not keep
 * the process alive.
 *
 * @throws ExtensionEventError `EE_AGENT_START`
 */
export async function startAgent(): Promise<{ socketPath: string }> {
  const uid = process.geteuid?.() ?? 0;
  const start: AgentStart = {
    uid,
    socketPath: socketPath({ pid: process.pid, startTime: readStartTime('self') ?? 0 }, uid),
  };
  const holder = globalThis as { [agentKey]?: Worker };
  if (holder[agentKey] === undefined) await launch(holder, start);
  return { socketPath: start.socketPath };
}

async function launch(holder: { [agentKey]?: Worker }, start: AgentStart): Promise<void> {
  const worker = new Worker(agentThreadFile, { name: 'extension-events', execArgv: [], env: {}, workerData: start, trackUnmanagedFds: false }); // prettier-ignore
  Object.defineProperty(holder, agentKey, { value: worker, configurable: true });
  try {
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  } catch (cause) {
    Reflect.deleteProperty(holder, agentKey);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ExtensionEventError('EE_AGENT_START', `The agent thread ended at once: ${reason}.`, 'See extev doctor; the program goes on without it.', { cause }); // prettier-ignore
  }
  worker.on('error', () => Reflect.deleteProperty(holder, agentKey));
  worker.unref();
}

/** Resolves when somebody listens to this process, the limit has passed, or the signal is given; keeps it alive meanwhile. */
export function whenHeard(limitMs: number, signal?: AbortSignal): Promise<void> {
  const worker = (globalThis as { [agentKey]?: Worker })[agentKey];
  if (worker === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, limitMs);
    worker.on('message', done);
    signal?.addEventListener('abort', done, { once: true });
    worker.postMessage('tell when heard');
    function done(): void {
      clearTimeout(timer);
      worker?.off('message', done);
      resolve();
    }
  });
}
