import { setTimeout as delay } from 'node:timers/promises';
import { ExtensionEventError } from '@extension-events/core';
import { socketPath } from '@extension-events/protocol';
import { acceptsConnections } from './agent-socket.ts';
import { findProcess } from './target.ts';

const lookMs = 20;

/**
 * Waits until the agent of a process serves its socket; touches nothing.
 *
 * @throws ExtensionEventError `EE_NO_PROCESS` when the process ends first, `EE_CONNECTION_LOST` after the limit
 */
export async function waitForAgent(pid: number, limitMs: number): Promise<string> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const { startTime, status } = findProcess(pid);
    const uid = status.effectiveUid;
    const path = socketPath({ pid, startTime }, uid);
    if (await acceptsConnections({ pid, startTime, role: 'agent', uid, path })) return path;
    if (performance.now() > deadline) {
      throw new ExtensionEventError('EE_CONNECTION_LOST', `No agent appeared in process ${pid} within ${limitMs} ms.`, 'The command must be a Node.js program itself, not a script that starts one.'); // prettier-ignore
    }
    await delay(lookMs);
  }
}
