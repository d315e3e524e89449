import { type AgentSocket, acceptsConnections } from './agent-socket.ts';
import { findPortHolder, isPortFree } from './inspector-port.ts';
import { acquireAttachLock, type AttachLock } from './lock.ts';
import { type AttachNote, hasAttachNote, writeAttachNote } from './note.ts';
import type { AttachProgress } from './progress.ts';
import { refusals } from './refusals.ts';
import { closeLeftOver, startAgent } from './start-agent.ts';
import type { Target } from './target.ts';

/** What an injection needs to know. */
export interface InjectOptions {
  readonly agentThreadFile: string;
  readonly log: (line: string) => void;
}

const portWaitMs = 3000;
/** For an agent that somebody else has just started. */
const startingAgentMs = 2000;

/**
 * Starts the agent in a process that has none: opens its inspector for a moment, starts a worker
 * thread by way of it, closes it again, and waits for the agent's socket.
 *
 * Between the signal and the closing, about a tenth of a second, the inspector listens on a loopback
 * port. If this process is killed in that window, the observed process goes on; it closes the port
 * by itself a second after the agent thread was started, and the next attach closes it in any case.
 *
 * @returns Whether an agent was started; false when one answered before our turn came.
 */
export async function injectAgent(
  target: Target,
  socket: AgentSocket,
  progress: AttachProgress,
  options: InjectOptions,
): Promise<boolean> {
  const lock = await takeTurn(target, progress);
  let note: AttachNote | undefined;
  try {
    await progress.enter('look for a running agent');
    const isAttached = await acceptsConnections(socket);
    if (isAttached && !hasAttachNote(target, target.uid)) return false;
    note = writeAttachNote(target);
    if (isAttached) {
      await closeLeftOver(target, progress, note);
      return false;
    }
    const outcome = await startAgent(target, socket, progress, note, {
      ...options,
      isReplacing: false,
    });
    await progress.enter('wait for the agent');
    if (outcome === 'already') {
      if (await isAnswering(socket, progress, note, startingAgentMs)) return false;
      options.log('the agent that the process remembers does not answer; starting another');
      await startAgent(target, socket, progress, note, { ...options, isReplacing: true });
      await progress.enter('wait for the agent');
    }
    // A little earlier than the deadline, which would say less.
    const waitMs = Math.round(progress.remainingMs() * 0.9);
    if (await isAnswering(socket, progress, note, waitMs)) return true;
    throw refusals.agent(target.pid, waitMs);
  } finally {
    if (note?.mustStay === false) note.remove();
    lock.release();
  }
}

// The lock first, then the port: whoever else is attaching holds the lock for as long as the port.
// A port that is held by a stranger is waited for outside the lock.
async function takeTurn(target: Target, progress: AttachProgress): Promise<AttachLock> {
  const { pid, inspectorAddress } = target;
  const isUsable = async (): Promise<boolean> =>
    // Its own inspector is no obstacle.
    (await isPortFree(inspectorAddress)) || findPortHolder(inspectorAddress)?.pid === pid;
  let portEnd: number | undefined;
  for (;;) {
    await progress.enter('wait for the attach lock');
    const waitMs = progress.remainingMs() * 0.9;
    const lock = await acquireAttachLock(progress, waitMs);
    if (lock === undefined) throw refusals.locked(pid, Math.round(waitMs));
    try {
      await progress.enter('wait for the inspector port');
      if (await isUsable()) return lock;
    } catch (error) {
      lock.release();
      throw error;
    }
    lock.release();
    portEnd ??= performance.now() + Math.min(portWaitMs, progress.timeoutMs / 2);
    if ((await progress.poll(isUsable, portEnd - performance.now())) !== true) {
      throw refusals.portBusy(pid, inspectorAddress.port, findPortHolder(inspectorAddress));
    }
  }
}

async function isAnswering(
  socket: AgentSocket,
  progress: AttachProgress,
  note: AttachNote,
  limitMs: number,
): Promise<boolean> {
  const answer = await progress.poll(async () => {
    if (await acceptsConnections(socket)) return 'yes';
    return note.read() === '' ? undefined : 'failed';
  }, limitMs);
  if (answer === 'failed') throw refusals.agentFailed(socket.pid, note.read());
  return answer === 'yes';
}
